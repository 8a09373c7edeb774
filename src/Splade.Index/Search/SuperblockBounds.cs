using System.Runtime.Intrinsics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// The bounds of superblocks from sums in four planes: block b of superblock s is in plane b, at s; what is known of s as a whole in plane s mod 4, at s / 4.
/// </summary>
internal static unsafe class SuperblockBounds
{
    private const int Planes = SegmentFormat.SuperblockBlocks;

    /// <summary>So many more than there are may be written.</summary>
    public const int Padding = 8;

    /// <summary>Adds the best block of each superblock, and what is known of it as a whole.</summary>
    /// <param name="blocks">Planes of the blocks' bounds.</param>
    /// <param name="blockStride">Length of one, a multiple of 32.</param>
    /// <param name="whole">Planes of bounds of superblocks.</param>
    /// <param name="wholeStride">Length of one, a multiple of 32.</param>
    /// <param name="count">Superblocks.</param>
    /// <param name="superblocks">Takes the bounds, and up to <see cref="Padding"/> more of any value.</param>
    public static void Compute(ushort* blocks, int blockStride, ushort* whole, int wholeStride, int count, ushort* superblocks)
    {
        // Eight superblocks at a time, two of each plane of wholes.
        for (var superblock = 0; superblock < count; superblock += Vector128<ushort>.Count)
        {
            var block = blocks + superblock;
            var best = Vector128.Max(
                Vector128.Max(Vector128.Load(block), Vector128.Load(block + blockStride)),
                Vector128.Max(Vector128.Load(block + (2 * blockStride)), Vector128.Load(block + (3 * blockStride))));
            var plane = whole + (superblock / Planes);
            var both = Vector128.Create(
                *(uint*)plane, *(uint*)(plane + wholeStride), *(uint*)(plane + (2 * wholeStride)), *(uint*)(plane + (3 * wholeStride))).AsUInt16();
            (best + Vector128.Shuffle(both, Vector128.Create((ushort)0, 2, 4, 6, 1, 3, 5, 7))).Store(superblocks + superblock);
        }
    }
}
