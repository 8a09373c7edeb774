using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Takes contributions to the scores of documents.</summary>
internal interface ISums
{
    /// <param name="place">Place of the document.</param>
    /// <param name="contribution">What a term adds to it.</param>
    void Add(uint place, uint contribution);
}

/// <summary>Sums that are all looked at afterwards.</summary>
internal unsafe struct PlainSums(uint* sums) : ISums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Add(uint place, uint contribution) => sums[place] += contribution;
}

/// <summary>Adds the postings of sparse and flat lists.</summary>
internal static unsafe class RarePostings
{
    private const int CacheLine = 64;

    /// <summary>Adds the postings of neighbouring superblocks in a sparse list.</summary>
    /// <param name="term">Its term.</param>
    /// <param name="superblock">The first superblock.</param>
    /// <param name="count">How many, at most <see cref="Accumulator.GroupSize"/>.</param>
    /// <param name="row">Takes them.</param>
    /// <param name="sums">Takes what does not fit there.</param>
    /// <returns>Postings added.</returns>
    public static int AddSparse<TSums>(ref QueryTerm term, int superblock, int count, ContributionRow row, ref TSums sums)
        where TSums : struct, ISums
    {
        var cursor = term.Seek(superblock);
        if (cursor.Posting == term.Frequency)
        {
            term.SetNext(cursor with { Superblock = superblock + count });
            return 0;
        }

        var next = row.Append(term.Sparse, cursor, count, term.Weight, ref sums);
        if (next.Posting < 0)
        {
            throw term.Field.DamagedDirectory();
        }

        term.SetNext(next);
        var added = next.Posting - cursor.Posting;
        Prefetch((ushort*)term.Sparse.Postings + next.Posting, added * sizeof(ushort));
        Prefetch(term.Sparse.Words + next.Word, (added + count) / 8);
        return added;
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

    /// <summary>Adds the postings of a group in a flat list, four at a time.</summary>
    /// <param name="term">Its term.</param>
    /// <param name="group">Which group of <see cref="Accumulator.GroupSize"/> superblocks.</param>
    /// <param name="sums">Of a whole group, whatever the segment has of it: a damaged list may name any document.</param>
    /// <returns>Postings added.</returns>
    public static int AddFlatGroup(ref QueryTerm term, int group, uint* sums)
    {
        const int Documents = Accumulator.GroupSize << SegmentFormat.SuperblockBits;
        var firstDocument = group * Documents;
        if (!term.FindFlat(firstDocument, out var start, out var end))
        {
            return 0;
        }

        var documents = term.Flat.Documents;
        var impacts = term.Flat.Impacts;
        var weight = term.Weight;
        var afterGroup = (firstDocument & ((1 << SegmentFormat.RangeBits) - 1)) + Documents;
        var i = start;
        for (; i + 4 <= end && documents[i + 3] < afterGroup; i += 4)
        {
            var four = *(ulong*)(documents + i);
            var values = *(uint*)(impacts + i);
            sums[four & (Documents - 1)] += weight * (byte)values;
            sums[(four >> 16) & (Documents - 1)] += weight * (byte)(values >> 8);
            sums[(four >> 32) & (Documents - 1)] += weight * (byte)(values >> 16);
            sums[(four >> 48) & (Documents - 1)] += weight * (values >> 24);
        }

        for (; i < end && documents[i] < afterGroup; i++)
        {
            sums[documents[i] & (Documents - 1)] += weight * impacts[i];
        }

        term.SetNextFlat(i);
        Prefetch(documents + i, (i - start) * sizeof(ushort));
        Prefetch(impacts + i, i - start);
        return i - start;
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
