using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Segments;

/// <summary>
/// A sparse list in memory: where superblocks end among its pairs is in the upper bits of Elias and Fano's code (Vigna, quasi-succinct indices, 2013). Its
/// <see cref="BitmapCell"/>s lie beside the pairs, so that those of many superblocks are read in one go.
/// </summary>
internal readonly unsafe struct SparseList(uint* starts, ulong* words, int wordCount, ushort* postings, int pairs, BitmapCells bitmaps)
{
    /// <summary>Pairs before each 64th superblock.</summary>
    public readonly uint* Starts = starts;

    /// <summary>A 1 for each pair, a 0 for each end of a superblock.</summary>
    public readonly ulong* Words = words;
    public readonly int WordCount = wordCount;

    /// <summary>Pairs (document in its superblock, impact).</summary>
    public readonly ushort* Postings = postings;

    public readonly int Pairs = pairs;

    /// <summary>Cells of superblocks without pairs.</summary>
    public readonly BitmapCells Bitmaps = bitmaps;

    /// <summary>What <see cref="WordsOf"/> reads.</summary>
    public void* StartOf(int superblock) => Starts + (superblock >> SegmentFormat.SparseBits);

    /// <summary>About where the bits of a superblock are, to ask for their memory.</summary>
    public void* WordsOf(int superblock) => Words + ((PairsBefore(superblock) + superblock) >> 6);

    /// <summary>The cell of a superblock, and what it takes.</summary>
    /// <returns>False when the list is damaged.</returns>
    public bool TryFind(int superblock, out ushort* cell, out int pairs)
    {
        var isSound = TryFindPairs(superblock, out var start, out pairs);
        cell = Postings + start;
        return isSound && (pairs > 0 || Bitmaps.Count == 0 || Bitmaps.TryFind(superblock, ref cell, ref pairs));
    }

    /// <summary>Where the pairs of a superblock start, and how many they are.</summary>
    /// <returns>False when the bits are damaged.</returns>
    public bool TryFindPairs(int superblock, out int start, out int count)
    {
        var bit = PairsBefore(superblock) + (superblock & -(1L << SegmentFormat.SparseBits));
        for (var skip = superblock & ((1 << SegmentFormat.SparseBits) - 1); skip > 0;)
        {
            if (!TryEnds(bit, out var ends))
            {
                start = count = 0;
                return false;
            }

            var inWord = BitOperations.PopCount(ends);
            if (inWord < skip)
            {
                skip -= inWord;
                bit = (bit | 63) + 1;
                continue;
            }

            bit = (bit & ~63L) + Select(ends, skip - 1) + 1;
            break;
        }

        var first = bit;
        while (true)
        {
            if (!TryEnds(bit, out var ends))
            {
                start = count = 0;
                return false;
            }

            if (ends != 0)
            {
                bit = (bit & ~63L) + BitOperations.TrailingZeroCount(ends);
                break;
            }

            bit = (bit | 63) + 1;
        }

        start = (int)(first - superblock);
        count = (int)(bit - first);
        return start >= 0 && count < BitmapCell.MinPairs && start <= Pairs - count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long PairsBefore(int superblock) => Starts[superblock >> SegmentFormat.SparseBits];

    /// <summary>The ends of superblocks in the word of a bit, from that bit on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryEnds(long bit, out ulong ends)
    {
        var word = bit >> 6;
        if (word >= WordCount)
        {
            ends = 0;
            return false;
        }

        ends = ~Words[word] & (ulong.MaxValue << (int)(bit & 63));
        return true;
    }

    /// <summary>Position of the n-th 1, from 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Select(ulong word, int n)
    {
        if (Bmi2.X64.IsSupported)
        {
            return BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1ul << n, word));
        }

        for (; n > 0; n--)
        {
            word &= word - 1;
        }

        return BitOperations.TrailingZeroCount(word);
    }
}

/// <summary>A place among the pairs of a sparse list.</summary>
/// <param name="Superblock">Its pairs come next, those of a later one if it has none.</param>
/// <param name="Pair">Where the next ones start.</param>
internal readonly record struct SparseCursor(int Superblock, int Pair);
