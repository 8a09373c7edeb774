using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Adds the postings of sparse and flat lists.</summary>
internal static unsafe class RarePostings
{
    private const int CacheLine = 64;

    /// <summary>Adds the postings of neighbouring superblocks in a sparse list.</summary>
    /// <param name="term">Its term.</param>
    /// <param name="superblock">The first superblock.</param>
    /// <param name="count">How many, at most <see cref="Accumulator.GroupSize"/>.</param>
    /// <param name="row">Takes them.</param>
    /// <param name="slots">As <see cref="GroupPlaces.Slots"/>: postings in superblocks without one are left out.</param>
    /// <param name="sums">Takes what does not fit there.</param>
    /// <returns>Postings read.</returns>
    public static int AddSparse<TSums>(ref QueryTerm term, int superblock, int count, ContributionRow row, byte* slots, ref TSums sums)
        where TSums : struct, ISums
    {
        var cursor = term.Seek(superblock);
        var next = row.Append(term.Sparse, cursor, count, term.Weight, slots, ref sums, out var read);
        if (read < 0)
        {
            throw term.Field.DamagedDirectory();
        }

        term.SetNext(next);
        var pairs = next.Pair - cursor.Pair;
        Prefetch(term.Sparse.Postings + next.Pair, pairs * sizeof(ushort));
        Prefetch(term.Sparse.Words + ((next.Superblock + (long)next.Pair) >> 6), (pairs + count) / 8);
        return read;
    }

    /// <summary>Adds the postings of neighbouring documents in a flat list.</summary>
    /// <returns>Postings added.</returns>
    public static int AddFlat<TSums>(ref QueryTerm term, int firstDocument, int size, ref TSums sums)
        where TSums : struct, ISums
    {
        var local = sums;
        var documents = term.Flat.Documents;
        var impacts = term.Flat.Impacts;
        var (weight, frequency) = (term.Weight, term.Frequency);
        var start = term.FindFlat(firstDocument);
        var i = start;
        for (; i < frequency && documents[i] - firstDocument is var place && place < size; i++)
        {
            local.Add((uint)place, weight * impacts[i]);
        }

        sums = local;
        term.SetNextFlat(i);
        return i - start;
    }

    /// <summary>Adds the postings of a group in flat lists.</summary>
    /// <param name="terms">Their terms.</param>
    /// <param name="firstDocument">The first of the group.</param>
    /// <param name="size">Its documents.</param>
    /// <param name="sums">Those of the first clause.</param>
    /// <param name="stride">Sums of a clause.</param>
    /// <param name="slots">As <see cref="GroupPlaces.Slots"/>; of a query with one clause.</param>
    /// <returns>Postings added.</returns>
    public static int AddFlatGroup(Span<QueryTerm> terms, int firstDocument, int size, uint* sums, int stride, byte* slots)
    {
        var added = 0;
        foreach (ref var term in terms)
        {
            var start = term.FindFlat(firstDocument);
            var documents = term.Flat.Documents + start;
            var impacts = term.Flat.Impacts + start;
            var left = term.Frequency - start;
            var count = slots == null
                ? AddFlat(documents, impacts, left, firstDocument, size, term.Weight, sums + (term.Clause * stride))
                : AddFlat(documents, impacts, left, firstDocument, size, term.Weight, sums, slots);
            term.SetNextFlat(start + count);
            added += count;
        }

        return added;
    }

    private static int AddFlat(int* documents, byte* impacts, int left, int firstDocument, int size, uint weight, uint* sums)
    {
        var count = 0;
        for (; count + 4 <= left && documents[count + 3] - firstDocument < size; count += 4)
        {
            sums[documents[count] - firstDocument] += weight * impacts[count];
            sums[documents[count + 1] - firstDocument] += weight * impacts[count + 1];
            sums[documents[count + 2] - firstDocument] += weight * impacts[count + 2];
            sums[documents[count + 3] - firstDocument] += weight * impacts[count + 3];
        }

        for (; count < left && documents[count] - firstDocument is var place && place < size; count++)
        {
            sums[place] += weight * impacts[count];
        }

        return count;
    }

    /// <summary>The same where superblocks have slots.</summary>
    private static int AddFlat(int* documents, byte* impacts, int left, int firstDocument, int size, uint weight, uint* sums, byte* slots)
    {
        var count = 0;
        for (; count < left && documents[count] - firstDocument is var place && place < size; count++)
        {
            if (slots[place >> SegmentFormat.SuperblockBits] is var slot && slot != GroupPlaces.None)
            {
                sums[(slot << SegmentFormat.SuperblockBits) | (byte)place] += weight * impacts[count];
            }
        }

        return count;
    }

    /// <summary>Asks for what the next documents probably have: about as much as the last ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(void* start, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (var i = 0; i <= bytes; i += CacheLine)
            {
                Sse.Prefetch0((byte*)start + i);
            }
        }
    }
}
