using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Looks single documents up in the cells of a celled list.</summary>
internal static unsafe class CellLookup
{
    private const int Lanes = 16;

    /// <summary>Asks for what <see cref="Find"/> looks at: the first bytes, and the last pair or about where a bitmap has the impact.</summary>
    /// <param name="list">The list.</param>
    /// <param name="document">The document.</param>
    public static void Prefetch(in CelledList list, int document)
    {
        var start = list.Start(document >> SegmentFormat.SuperblockBits);
        var pairs = (int)(list.Start((document >> SegmentFormat.SuperblockBits) + 1) - start);
        var cell = (byte*)(list.Postings + start);
        var impacts = (pairs * sizeof(ushort)) - BitmapCell.BitmapBytes;
        Sse.Prefetch0(cell);
        Sse.Prefetch0(cell + BitmapCell.BitmapBytes + (BitmapCell.Is(pairs) ? (impacts * (byte)document) >> SegmentFormat.SuperblockBits : impacts - 1));
    }

    /// <summary>Impact of a document in a cell; 0 when it is not there.</summary>
    /// <param name="cell">The cell; of pairs, 32 bytes from the last may be read.</param>
    /// <param name="pairs">What it takes, at most <see cref="BitmapCell.MaxPairs"/>.</param>
    /// <param name="document">The document in its superblock.</param>
    public static uint Find(ushort* cell, int pairs, byte document) =>
        BitmapCell.Is(pairs) ? BitmapCell.Find(cell, pairs, document)
        : Simd.Level == SimdLevel.Scalar ? FindScalar(cell, pairs, document)
        : FindPair(cell, pairs, document);

    /// <summary>Fewer pairs than two vectors hold.</summary>
    private static uint FindPair(ushort* pairs, int count, byte document)
    {
        var wanted = Vector256.Create((ushort)document);

        // Behind the last pair are those of another cell.
        return Largest(count < Lanes
            ? Match(pairs, wanted) & Vector256.LessThan(Vector256<ushort>.Indices, Vector256.Create((ushort)count))
            : Match(pairs, wanted) | Match(pairs + count - Lanes, wanted));
    }

    /// <summary>The pair of a document among 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Match(ushort* pairs, Vector256<ushort> wanted)
    {
        var pair = Vector256.Load(pairs);
        return Vector256.Equals(pair & Vector256.Create((ushort)0xFF), wanted) & pair;
    }

    /// <summary>The impact of the only pair, which may be there several times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Largest(Vector256<ushort> found)
    {
        var half = (found.GetLower() | found.GetUpper()).AsUInt64();
        var all = half.ToScalar() | half.GetElement(1);
        all |= all >> 32;
        return (uint)(((all >> 16) | all) >> 8) & 0xFF;
    }

    private static uint FindScalar(ushort* pairs, int count, byte document)
    {
        for (var i = 0; i < count; i++)
        {
            if ((byte)pairs[i] == document)
            {
                return (uint)pairs[i] >> 8;
            }
        }

        return 0;
    }
}
