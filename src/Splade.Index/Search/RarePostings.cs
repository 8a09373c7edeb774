using System.Numerics;
using System.Runtime.CompilerServices;
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
    /// <summary>Walks the bits of a sparse list: the i-th 1 of all, at bit b, is a posting in superblock b - i.</summary>
    /// <returns>Postings added.</returns>
    public static int AddSparse<TSums>(ref QueryTerm term, int superblock, int count, ref TSums sums)
        where TSums : struct, ISums
    {
        var first = term.FirstPosting(superblock);
        var end = term.FirstPosting(superblock + count);
        term.SetNext(superblock + count, end);
        if (first >= end)
        {
            return 0;
        }

        var local = sums;
        var weight = term.Weight;
        var words = term.Sparse.Words;
        var pairs = (ushort*)term.Sparse.Postings;
        var places = (uint)count << SegmentFormat.SuperblockBits;
        var bit = (long)first + superblock;
        var word = words + (bit >> 6);
        var lastWord = words + term.Sparse.WordCount - 1;
        var ones = *word & (ulong.MaxValue << (int)(bit & 63));
        var origin = (int)((bit & ~63L) - superblock) - first;
        for (var posting = first; ;)
        {
            var inWord = Math.Min(BitOperations.PopCount(ones), end - posting);
            for (var last = posting + inWord; posting < last; posting++, origin--)
            {
                var pair = (uint)pairs[posting];
                var place = (uint)((origin + BitOperations.TrailingZeroCount(ones)) << SegmentFormat.SuperblockBits) | (byte)pair;
                if (place >= places)
                {
                    throw term.Field.DamagedDirectory();
                }

                local.Add(place, weight * (pair >> 8));
                ones &= ones - 1;
            }

            if (posting == end)
            {
                break;
            }

            if (word == lastWord)
            {
                throw term.Field.DamagedDirectory();
            }

            ones = *++word;
            origin += 64;
        }

        sums = local;
        return end - first;
    }

    /// <returns>Postings added.</returns>
    public static int AddFlat<TSums>(ref QueryTerm term, int firstDocument, int size, ref TSums sums)
        where TSums : struct, ISums
    {
        term.FindFlat(firstDocument, size, out var start, out var end);
        var local = sums;
        var documents = term.Flat.Documents;
        var impacts = term.Flat.Impacts;
        var weight = term.Weight;
        var first = firstDocument & ((1 << SegmentFormat.RangeBits) - 1);
        for (var i = start; i < end; i++)
        {
            // Documents of a damaged list may lie outside.
            var place = (uint)(documents[i] - first);
            if (place < (uint)size)
            {
                local.Add(place, weight * impacts[i]);
            }
        }

        sums = local;
        return end - start;
    }
}
