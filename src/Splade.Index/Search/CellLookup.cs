using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Looks single documents up in the cells of a celled list.</summary>
internal static unsafe class CellLookup
{
    private const int CacheLine = 64;
    private const int Lanes = 16;

    /// <summary>Asks for the pairs that <see cref="Find"/> looks at first.</summary>
    /// <param name="list">The list.</param>
    /// <param name="document">The document.</param>
    public static void Prefetch(in CelledList list, int document)
    {
        var start = list.Start(document >> SegmentFormat.SuperblockBits);
        var end = list.Start((document >> SegmentFormat.SuperblockBits) + 1);
        var first = list.Postings + ((start + First((int)(end - start), (byte)document)) * 2L);
        Sse.Prefetch0(first);
        Sse.Prefetch0(first + CacheLine);
    }

    /// <summary>The first of the pairs among which a document most likely is, were documents spread evenly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int First(int count, byte document)
    {
        var first = Smaller(((count * document) >> SegmentFormat.SuperblockBits) - Lanes, count - (2 * Lanes));
        return first & ~(first >> 31);
    }

    /// <summary>The smaller of two numbers that are not far apart, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Smaller(int a, int b) => b + ((a - b) & ((a - b) >> 31));

    /// <summary>Impact of a document in a cell; 0 when it is not there.</summary>
    /// <param name="pairs">The cell's postings, documents ascending; 32 bytes from the last may be read.</param>
    /// <param name="count">How many, at most 256.</param>
    /// <param name="document">The document in its superblock.</param>
    public static uint Find(ushort* pairs, int count, byte document)
    {
        if (Simd.Level == SimdLevel.Scalar)
        {
            return FindScalar(pairs, count, document);
        }

        var wanted = Vector256.Create((ushort)document);
        if (count < Lanes)
        {
            // Behind the last pair are those of another cell.
            return Largest(Match(pairs, wanted) & Vector256.LessThan(Vector256<ushort>.Indices, Vector256.Create((ushort)count)));
        }

        // How many steps a loop takes is a branch that can't be predicted, so two first, where it should be.
        var first = First(count, document);
        var second = Smaller(first + Lanes, count - Lanes);
        var impact = Largest(Match(pairs + first, wanted) | Match(pairs + second, wanted));
        var mayLieOutside = ((first > 0) & ((byte)pairs[first] > document)) | ((second < count - Lanes) & ((byte)pairs[second + Lanes - 1] < document));
        return mayLieOutside ? FindAnywhere(pairs, count, wanted) : impact;
    }

    private static uint FindAnywhere(ushort* pairs, int count, Vector256<ushort> wanted)
    {
        var found = Match(pairs + count - Lanes, wanted);
        for (var i = 0; i < count - Lanes; i += Lanes)
        {
            found |= Match(pairs + i, wanted);
        }

        return Largest(found);
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
