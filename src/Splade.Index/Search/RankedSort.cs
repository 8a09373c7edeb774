using System.Numerics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Puts documents in the order of (score descending, id ascending): radix sort by the leading bits in which scores differ, what these leave equal by the next ones,
/// and equal scores by the ids' ranks. One instance a thread.
/// </summary>
internal sealed class RankedSort
{
    private const int DigitBits = 9;
    private const int Digits = 1 << DigitBits;

    /// <summary>Leading bits of scores: those of two digits.</summary>
    private const int KeyBits = 2 * DigitBits;

    /// <summary>Fewer are sorted by insertion.</summary>
    private const int MinRadix = 64;

    private readonly int[] _starts = new int[Digits];

    // The sort key above, the entry's position below.
    private ulong[] _keys = [];
    private ulong[] _spare = [];
    private ScoredDocument[] _entries = [];
    private ScoredDocument[] _sorted = [];
    private DocumentRanks _ranks = null!;
    private int _done;

    /// <param name="entries">What to sort; an array with the first k in order comes back.</param>
    /// <param name="count">Entries that count.</param>
    /// <param name="k">How many are wanted, at most the count.</param>
    /// <param name="ranks">Of all documents; they break ties.</param>
    public void Sort(ref ScoredDocument[] entries, int count, int k, DocumentRanks ranks)
    {
        _ranks = ranks;
        if (count < MinRadix)
        {
            Insert(entries.AsSpan(0, count));
        }
        else
        {
            if (_keys.Length < count)
            {
                (_keys, _spare) = (new ulong[entries.Length], new ulong[entries.Length]);
            }

            if (_sorted.Length < entries.Length)
            {
                _sorted = new ScoredDocument[entries.Length];
            }

            for (var i = 0; i < count; i++)
            {
                _keys[i] = (uint)i;
            }

            (_entries, _done) = (entries, 0);
            Append(_keys.AsSpan(0, count), _spare.AsSpan(0, count), k);
            (entries, _sorted) = (_sorted, entries);
        }

        // Segments must not outlive their readers in here.
        (_ranks, _entries) = (null!, []);
    }

    /// <summary>Appends entries in order until k are there.</summary>
    /// <param name="run">Keys of the entries.</param>
    /// <param name="spare">Room for as many.</param>
    /// <param name="k">How many are wanted.</param>
    private void Append(Span<ulong> run, Span<ulong> spare, int k)
    {
        if (run.Length < MinRadix)
        {
            Append(run);
            Insert(_sorted.AsSpan(_done - run.Length, run.Length));
            return;
        }

        if (!MakeKeys(run))
        {
            SortByRank(run, spare);
            return;
        }

        Scatter(run, spare, shift: 32);
        Scatter(spare, run, shift: 32 + DigitBits);
        for (var i = 1; i < run.Length; i++)
        {
            // Documents of equal scores lie anywhere in the file.
            if (run[i] >> 32 == run[i - 1] >> 32)
            {
                _ranks.Prefetch(_entries[(int)(uint)run[i - 1]].Document);
                _ranks.Prefetch(_entries[(int)(uint)run[i]].Document);
            }
        }

        for (int start = 0, end; start < run.Length && _done < k; start = end)
        {
            var key = run[start] >> 32;
            for (end = start + 1; end < run.Length && run[end] >> 32 == key; end++)
            {
            }

            Append(run[start..end], spare[start..end], k);
        }
    }

    /// <summary>Keys are the leading bits of how far a score lies below the best.</summary>
    /// <returns>False when all scores are equal.</returns>
    private bool MakeKeys(Span<ulong> run)
    {
        ulong largest = 0, smallest = ulong.MaxValue;
        foreach (var key in run)
        {
            var bits = _entries[(int)(uint)key].ScoreBits;
            largest = Math.Max(largest, bits);
            smallest = Math.Min(smallest, bits);
        }

        var shift = Math.Max(0, 64 - BitOperations.LeadingZeroCount(largest - smallest) - KeyBits);
        foreach (ref var key in run)
        {
            key = ((largest - _entries[(int)(uint)key].ScoreBits) >> shift << 32) | (uint)key;
        }

        return largest > smallest;
    }

    /// <summary>Appends entries of one score.</summary>
    private void SortByRank(Span<ulong> run, Span<ulong> spare)
    {
        var largest = 0UL;
        foreach (ref var key in run)
        {
            var rank = _ranks[_entries[(int)(uint)key].Document];
            largest = Math.Max(largest, rank);
            key = ((ulong)rank << 32) | (uint)key;
        }

        for (var shift = 0; largest >> shift > 0; shift += DigitBits)
        {
            Scatter(run, spare, 32 + shift);
            var sorted = spare;
            spare = run;
            run = sorted;
        }

        Append(run);
    }

    private void Append(ReadOnlySpan<ulong> run)
    {
        foreach (var key in run)
        {
            _sorted[_done++] = _entries[(int)(uint)key];
        }
    }

    /// <summary>One pass of a radix sort from the lowest digit up.</summary>
    private void Scatter(ReadOnlySpan<ulong> from, Span<ulong> to, int shift)
    {
        var starts = _starts;
        Array.Clear(starts);
        foreach (var key in from)
        {
            starts[(int)(key >> shift) & (Digits - 1)]++;
        }

        var sum = 0;
        foreach (ref var start in starts.AsSpan())
        {
            (start, sum) = (sum, sum + start);
        }

        foreach (var key in from)
        {
            to[starts[(int)(key >> shift) & (Digits - 1)]++] = key;
        }
    }

    private void Insert(Span<ScoredDocument> entries)
    {
        var areTied = false;
        for (var i = 1; i < entries.Length; i++)
        {
            var entry = entries[i];
            var j = i;
            for (; j > 0 && entry.Score > entries[j - 1].Score; j--)
            {
                entries[j] = entries[j - 1];
            }

            areTied |= j > 0 && entry.Score == entries[j - 1].Score;
            entries[j] = entry;
        }

        if (areTied)
        {
            InsertTied(entries);
        }
    }

    /// <summary>Sorts by ids what is sorted by scores.</summary>
    private void InsertTied(Span<ScoredDocument> entries)
    {
        foreach (ref var entry in entries)
        {
            entry.Rank = _ranks[entry.Document];
        }

        for (var i = 1; i < entries.Length; i++)
        {
            var entry = entries[i];
            var j = i;
            for (; j > 0 && entry.IsBefore(entries[j - 1]); j--)
            {
                entries[j] = entries[j - 1];
            }

            entries[j] = entry;
        }
    }
}
