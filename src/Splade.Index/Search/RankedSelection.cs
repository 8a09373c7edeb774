using System.Numerics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Selects the best k of many documents and a few more, without sorting them: by the leading bits in which scores differ, then by the next ones, and among equal scores
/// by the ids' ranks. One instance a thread.
/// </summary>
internal sealed class RankedSelection
{
    private const int DigitBits = 10;
    private const int Digits = 1 << DigitBits;

    /// <summary>How many more are left, as a share of k.</summary>
    private const int SlackBits = 3;
    private const int MinSlack = 4;

    private readonly int[] _counts = new int[Digits];

    /// <param name="entries">At least k; those selected come first.</param>
    /// <param name="k">How many, at least 1.</param>
    /// <param name="ranks">Of all documents; they break ties.</param>
    /// <param name="worst">The worst that is left; its rank is known where scores are tied.</param>
    /// <param name="areTied">Whether ids have decided among those of the worst score.</param>
    /// <returns>How many are left.</returns>
    public int Select(Span<ScoredDocument> entries, int k, DocumentRanks ranks, out ScoredDocument worst, out bool areTied)
    {
        // Those before the start are better than the others and fewer than k.
        var (start, end) = (0, entries.Length);
        areTied = false;
        while (true)
        {
            var doubtful = entries[start..end];
            var (least, most) = Range(doubtful, areTied);
            if (least == most && !areTied)
            {
                areTied = true;
                (least, most) = ReadRanks(doubtful, ranks);
            }

            // Two of one rank are in damaged files only.
            if (least == most || end - k <= Math.Max(k >> SlackBits, MinSlack))
            {
                worst = Worst(doubtful);
                return least == most ? k : end;
            }

            var digits = new KeyDigits(least, Math.Max(0, 64 - BitOperations.LeadingZeroCount(most - least) - DigitBits), areTied);
            var last = LastDigit(doubtful, k - start, digits);
            end = start + MoveToFront(doubtful, digits, last);
            start += MoveToFront(entries[start..end], digits, last - 1);
        }
    }

    /// <summary>The least and the largest key.</summary>
    private static (ulong Least, ulong Most) Range(ReadOnlySpan<ScoredDocument> entries, bool areTied)
    {
        var (least, most) = (ulong.MaxValue, 0UL);
        foreach (ref readonly var entry in entries)
        {
            var key = Key(entry, areTied);
            (least, most) = (Math.Min(least, key), Math.Max(most, key));
        }

        return (least, most);
    }

    /// <returns>The least and the largest.</returns>
    private static (ulong Least, ulong Most) ReadRanks(Span<ScoredDocument> entries, DocumentRanks ranks)
    {
        var (least, most) = (ulong.MaxValue, 0UL);
        foreach (ref var entry in entries)
        {
            var rank = ranks[entry.Document];
            entry.Rank = rank;
            (least, most) = (Math.Min(least, rank), Math.Max(most, rank));
        }

        return (least, most);
    }

    /// <summary>The digit that the k-th best of the entries has.</summary>
    private int LastDigit(ReadOnlySpan<ScoredDocument> entries, int k, KeyDigits digits)
    {
        Array.Clear(_counts);
        foreach (ref readonly var entry in entries)
        {
            _counts[digits.Of(entry)]++;
        }

        var digit = 0;
        for (var count = _counts[0]; count < k; count += _counts[digit])
        {
            digit++;
        }

        return digit;
    }

    /// <returns>How many have no larger digit.</returns>
    private static int MoveToFront(Span<ScoredDocument> entries, KeyDigits digits, int largest)
    {
        var count = 0;
        foreach (ref var entry in entries)
        {
            // Always swapped: whether an entry counts is a branch that can't be predicted.
            var isCounted = digits.Of(entry) <= largest;
            (entries[count], entry) = (entry, entries[count]);
            count += isCounted ? 1 : 0;
        }

        return count;
    }

    private static ScoredDocument Worst(ReadOnlySpan<ScoredDocument> entries)
    {
        var worst = entries[0];
        foreach (ref readonly var entry in entries)
        {
            worst = worst.IsBefore(entry) ? entry : worst;
        }

        return worst;
    }

    /// <summary>Ascending from the best on.</summary>
    private static ulong Key(in ScoredDocument entry, bool areTied) => areTied ? entry.Rank : ~entry.ScoreBits;

    /// <summary>The leading digit of keys, counted from the least.</summary>
    private readonly struct KeyDigits(ulong least, int shift, bool areTied)
    {
        public int Of(in ScoredDocument entry) => (int)((Key(entry, areTied) - least) >> shift);
    }
}
