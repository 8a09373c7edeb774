using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Adds the postings of sparse and flat lists.</summary>
internal static unsafe class RarePostings
{
    private const int CacheLine = 64;

    /// <summary>Bytes of a list's documents that are asked for while the one before is added; the processor sees by then where they go on.</summary>
    private const int MostAskedFor = 1024;

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
        if (!term.FindFlat(firstDocument, out var start, out var end))
        {
            return 0;
        }

        var local = sums;
        var documents = term.Flat.Documents;
        var impacts = term.Flat.Impacts;
        var weight = term.Weight;
        var first = firstDocument & ((1 << SegmentFormat.RangeBits) - 1);
        var i = start;
        for (; i < end; i++)
        {
            // Documents of a damaged list may lie before the first.
            var place = (uint)(documents[i] - first);
            if (place >= (uint)size)
            {
                break;
            }

            local.Add(place, weight * impacts[i]);
        }

        sums = local;
        term.SetNextFlat(i);
        Prefetch(documents + i, (i - start) * sizeof(ushort));
        Prefetch(impacts + i, i - start);
        return i - start;
    }

    /// <summary>Adds the postings of a group in flat lists, a range of each.</summary>
    /// <param name="terms">Their terms.</param>
    /// <param name="group">Which group of <see cref="Accumulator.GroupSize"/> superblocks.</param>
    /// <param name="isLast">Whether the segment has no group after it.</param>
    /// <param name="sums">Those of the first clause. Where superblocks have no slots, with room for a range behind each clause's first: a damaged list may name any document.</param>
    /// <param name="stride">Sums of a clause.</param>
    /// <param name="slots">As <see cref="GroupPlaces.Slots"/>; of a query with one clause.</param>
    /// <returns>Postings added.</returns>
    public static int AddFlatGroup(Span<QueryTerm> terms, int group, bool isLast, uint* sums, int stride, byte* slots)
    {
        var isOnly = isLast && group == 0;
        var added = 0;
        for (var t = 0; t < terms.Length; t++)
        {
            if (isOnly && t + 1 < terms.Length)
            {
                ref readonly var next = ref terms[t + 1].Flat;
                Prefetch(next.Documents, Math.Min(next.Frequency * sizeof(ushort), MostAskedFor));
                Prefetch(next.Impacts, Math.Min(next.Frequency, MostAskedFor / sizeof(ushort)));
            }

            ref var term = ref terms[t];
            if (!term.FindFlat(group << SegmentFormat.RangeBits, out var start, out var end))
            {
                continue;
            }

            var documents = term.Flat.Documents;
            var impacts = term.Flat.Impacts;
            var count = end - start;
            if (slots == null)
            {
                AddFlat(documents + start, impacts + start, count, term.Weight, sums + (term.Clause * stride));
            }
            else
            {
                AddFlat(documents + start, impacts + start, count, term.Weight, sums, slots);
            }

            added += count;
            if (!isLast)
            {
                term.SetNextFlat(end);
                Prefetch(documents + end, count * sizeof(ushort));
                Prefetch(impacts + end, count);
            }
        }

        return added;
    }

    private static void AddFlat(ushort* documents, byte* impacts, int count, uint weight, uint* sums)
    {
        for (; count >= 4; count -= 4, documents += 4, impacts += 4)
        {
            sums[documents[0]] += weight * impacts[0];
            sums[documents[1]] += weight * impacts[1];
            sums[documents[2]] += weight * impacts[2];
            sums[documents[3]] += weight * impacts[3];
        }

        for (; count > 0; count--, documents++, impacts++)
        {
            sums[*documents] += weight * *impacts;
        }
    }

    /// <summary>The same where superblocks have slots.</summary>
    private static void AddFlat(ushort* documents, byte* impacts, int count, uint weight, uint* sums, byte* slots)
    {
        for (var i = 0; i < count; i++)
        {
            if (slots[documents[i] >> SegmentFormat.SuperblockBits] is var slot && slot != GroupPlaces.None)
            {
                sums[(slot << SegmentFormat.SuperblockBits) | (byte)documents[i]] += weight * impacts[i];
            }
        }
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
