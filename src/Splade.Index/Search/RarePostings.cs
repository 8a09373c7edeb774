using System.Numerics;
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

    /// <summary>Walks the bits of a sparse list: the i-th 1 of all, at bit b, is a posting in superblock b - i.</summary>
    /// <returns>Postings added.</returns>
    public static int AddSparse<TSums>(ref QueryTerm term, int superblock, int count, ref TSums sums)
        where TSums : struct, ISums
    {
        var cursor = term.Seek(superblock);
        var local = sums;
        var weight = term.Weight;
        var words = term.Sparse.Words;
        var pairs = (ushort*)term.Sparse.Postings;
        var (word, posting, ones) = (cursor.Word, cursor.Posting, cursor.Ones);
        var lastWord = term.Sparse.WordCount - 1;

        // The superblock, counted from the first, of the next posting if its bit were the lowest of the word.
        for (var origin = (int)((word * 64L) - posting - superblock); ; ones = words[++word], origin += 64)
        {
            var inWord = BitOperations.PopCount(ones);
            if (posting + inWord > term.Frequency || origin + BitOperations.TrailingZeroCount(ones) < 0)
            {
                throw term.Field.DamagedDirectory();
            }

            if (origin + BitOperations.Log2(ones) - inWord + 1 >= count)
            {
                for (; ones != 0 && origin + BitOperations.TrailingZeroCount(ones) < count; ones &= ones - 1, posting++, origin--)
                {
                    Add(pairs[posting], (uint)(origin + BitOperations.TrailingZeroCount(ones)), weight, ref local);
                }

                if (ones != 0 || origin + 64 >= count)
                {
                    break;
                }
            }
            else
            {
                for (var last = posting + inWord; posting < last; ones &= ones - 1, posting++, origin--)
                {
                    Add(pairs[posting], (uint)(origin + BitOperations.TrailingZeroCount(ones)), weight, ref local);
                }
            }

            if (word == lastWord)
            {
                break;
            }
        }

        sums = local;
        term.SetNext(new SparseCursor(superblock + count, posting, word, ones));
        Prefetch(pairs + posting, (posting - cursor.Posting) * sizeof(ushort));
        Prefetch(words + word, (posting - cursor.Posting + count) / 8);
        return posting - cursor.Posting;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TSums>(uint pair, uint superblock, uint weight, ref TSums sums)
        where TSums : struct, ISums => sums.Add((superblock << SegmentFormat.SuperblockBits) | (byte)pair, weight * (pair >> 8));
}
