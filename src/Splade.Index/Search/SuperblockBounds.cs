using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Splade.Index.Search;

/// <summary>The bounds of superblocks from sums in four planes: that of block or superblock i is in plane i mod 4, at i / 4.</summary>
internal static unsafe class SuperblockBounds
{
    private const int Planes = 4;

    /// <summary>So many more than there are may be written.</summary>
    public const int Padding = 8;

    /// <summary>Adds the best block of each superblock, and what is known of it as a whole.</summary>
    /// <param name="blocks">Planes of the blocks' bounds.</param>
    /// <param name="blockStride">Length of one, a multiple of 32.</param>
    /// <param name="words">What a superblock's blocks take of each plane: 1, 2 or 4.</param>
    /// <param name="whole">Planes of bounds of superblocks.</param>
    /// <param name="wholeStride">Length of one, a multiple of 32.</param>
    /// <param name="count">Superblocks.</param>
    /// <param name="best">Room for a plane of blocks.</param>
    /// <param name="superblocks">Takes the bounds, and up to <see cref="Padding"/> more of any value.</param>
    public static void Compute(ushort* blocks, int blockStride, int words, ushort* whole, int wholeStride, int count, ushort* best, ushort* superblocks)
    {
        ReduceWords(blocks, blockStride, words, best);

        // Eight superblocks at a time, two of each plane.
        for (var superblock = 0; superblock < count; superblock += Vector128<ushort>.Count)
        {
            var plane = whole + (superblock / Planes);
            var both = Vector128.Create(
                *(uint*)plane, *(uint*)(plane + wholeStride), *(uint*)(plane + (2 * wholeStride)), *(uint*)(plane + (3 * wholeStride))).AsUInt16();
            var sums = LowestOfWords(best + (superblock * words), words) + Vector128.Shuffle(both, Vector128.Create((ushort)0, 2, 4, 6, 1, 3, 5, 7));
            sums.Store(superblocks + superblock);
        }
    }

    /// <summary>Of each word its best block, and of a superblock's words the best in the lowest.</summary>
    private static void ReduceWords(ushort* blocks, int stride, int words, ushort* best)
    {
        for (var i = 0; i < stride; i += Vector256<ushort>.Count)
        {
            var largest = Vector256.Max(
                Vector256.Max(Vector256.Load(blocks + i), Vector256.Load(blocks + stride + i)),
                Vector256.Max(Vector256.Load(blocks + (2 * stride) + i), Vector256.Load(blocks + (3 * stride) + i)));
            if (words == 4)
            {
                largest = Vector256.Max(largest, (largest.AsUInt64() >>> 32).AsUInt16());
            }

            if (words >= 2)
            {
                largest = Vector256.Max(largest, (largest.AsUInt32() >>> 16).AsUInt16());
            }

            largest.Store(best + i);
        }
    }

    /// <summary>The lowest of every 1, 2 or 4 words, eight in all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> LowestOfWords(ushort* first, int words) => words switch
    {
        1 => Vector128.Load(first),
        2 => Lowest(Vector256.Load(first).AsUInt32()),
        _ => Lowest(Vector256.Narrow(Vector256.Load(first).AsUInt64(), Vector256.Load(first + Vector256<ushort>.Count).AsUInt64())),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Lowest(Vector256<uint> words) => Vector128.Narrow(words.GetLower(), words.GetUpper());
}
