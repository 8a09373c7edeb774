using System.Numerics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Puts documents in the order of (score descending, id ascending): two passes of radix sort by the leading bits in which scores differ, then what these
/// leave equal by the ids' keys. One instance a thread.
/// </summary>
internal sealed class RankedSort
{
    private const int DigitBits = 9;
    private const int Digits = 1 << DigitBits;

    /// <summary>Fewer are sorted by comparison alone, and longer runs of equal scores by more than insertion.</summary>
    private const int MinRadix = 64;
    private const int MaxInsertion = 24;

    private readonly int[] _starts = new int[2 * Digits];

    // Kept, as one for each run would be allocated.
    private readonly Comparison<ulong> _comparison;
    private (double Score, int Document)[] _compared = [];
    private Segment? _segment;

    // The sort key above, the entry's position below.
    private ulong[] _keys = [];
    private ulong[] _spare = [];
    private ulong[] _idKeys = [];
    private (double Score, int Document)[] _sorted = [];

    public RankedSort() => _comparison = (a, b) => Compare(_compared[(int)(uint)a], _compared[(int)(uint)b], _segment!);

    /// <param name="entries">What to sort; an array with the first k in order comes back.</param>
    /// <param name="count">Entries that count.</param>
    /// <param name="k">How many are wanted, at most the count.</param>
    /// <param name="segment">Where the documents are; its ids break ties.</param>
    public void Sort(ref (double Score, int Document)[] entries, int count, int k, Segment segment)
    {
        if (count < MinRadix)
        {
            Insert(entries.AsSpan(0, count), segment);
            return;
        }

        if (_keys.Length < count)
        {
            (_keys, _spare, _idKeys) = (new ulong[entries.Length], new ulong[entries.Length], new ulong[entries.Length]);
        }

        if (_sorted.Length < entries.Length)
        {
            _sorted = new (double, int)[entries.Length];
        }

        MakeKeys(entries.AsSpan(0, count));
        Scatter(_keys.AsSpan(0, count), _spare, shift: 32, _starts.AsSpan(0, Digits));
        Scatter(_spare.AsSpan(0, count), _keys, shift: 32 + DigitBits, _starts.AsSpan(Digits));
        for (var i = 1; i < count; i++)
        {
            // Ids of equal scores lie anywhere in the file.
            if (_keys[i] >> 32 == _keys[i - 1] >> 32)
            {
                segment.PrefetchIdKey(entries[(int)(uint)_keys[i - 1]].Document);
                segment.PrefetchIdKey(entries[(int)(uint)_keys[i]].Document);
            }
        }

        for (var start = 0; start < k;)
        {
            var end = start + 1;
            while (end < count && _keys[end] >> 32 == _keys[start] >> 32)
            {
                end++;
            }

            if (end - start > 1)
            {
                SortEqual(entries, _keys.AsSpan(start, end - start), segment);
            }

            start = end;
        }

        for (var i = 0; i < k; i++)
        {
            _sorted[i] = entries[(int)(uint)_keys[i]];
        }

        (entries, _sorted) = (_sorted, entries);
    }

    /// <summary>Keys are 18 bits of how far a score lies below the best; bits of positive doubles are in the order of the doubles.</summary>
    private void MakeKeys(ReadOnlySpan<(double Score, int Document)> entries)
    {
        ulong largest = 0, smallest = ulong.MaxValue;
        foreach (ref readonly var entry in entries)
        {
            var bits = BitConverter.DoubleToUInt64Bits(entry.Score);
            largest = Math.Max(largest, bits);
            smallest = Math.Min(smallest, bits);
        }

        var shift = Math.Max(0, 64 - BitOperations.LeadingZeroCount(largest - smallest) - (2 * DigitBits));
        Array.Clear(_starts);
        for (var i = 0; i < entries.Length; i++)
        {
            var key = (largest - BitConverter.DoubleToUInt64Bits(entries[i].Score)) >> shift;
            _keys[i] = (key << 32) | (uint)i;
            _starts[(int)(key & (Digits - 1))]++;
            _starts[Digits + (int)(key >> DigitBits)]++;
        }
    }

    /// <summary>One pass of a radix sort from the lowest digit up.</summary>
    private static void Scatter(ReadOnlySpan<ulong> from, ulong[] to, int shift, Span<int> counts)
    {
        var sum = 0;
        foreach (ref var count in counts)
        {
            (count, sum) = (sum, sum + count);
        }

        foreach (var key in from)
        {
            to[counts[(int)(key >> shift) & (Digits - 1)]++] = key;
        }
    }

    /// <summary>Sorts a run of equal keys: by ids when its scores are equal, as they are but for scores that differ in their last bits only.</summary>
    private void SortEqual((double Score, int Document)[] entries, Span<ulong> run, Segment segment)
    {
        var score = entries[(int)(uint)run[0]].Score;
        foreach (var key in run)
        {
            if (entries[(int)(uint)key].Score != score)
            {
                SortByComparison(entries, run, segment);
                return;
            }
        }

        var ids = _idKeys.AsSpan(0, run.Length);
        for (var i = 0; i < run.Length; i++)
        {
            ids[i] = segment.IdKey(entries[(int)(uint)run[i]].Document);
        }

        if (run.Length > MaxInsertion)
        {
            ids.Sort(run);
            return;
        }

        for (var i = 1; i < run.Length; i++)
        {
            var (id, key) = (ids[i], run[i]);
            var j = i;
            for (; j > 0 && id < ids[j - 1]; j--)
            {
                (ids[j], run[j]) = (ids[j - 1], run[j - 1]);
            }

            (ids[j], run[j]) = (id, key);
        }
    }

    private void SortByComparison((double Score, int Document)[] entries, Span<ulong> run, Segment segment)
    {
        (_compared, _segment) = (entries, segment);
        run.Sort(_comparison);

        // Segments must not outlive their readers in here.
        (_compared, _segment) = ([], null);
    }

    private static void Insert(Span<(double Score, int Document)> entries, Segment segment)
    {
        for (var i = 1; i < entries.Length; i++)
        {
            var entry = entries[i];
            var j = i;
            for (; j > 0 && Compare(entry, entries[j - 1], segment) < 0; j--)
            {
                entries[j] = entries[j - 1];
            }

            entries[j] = entry;
        }
    }

    /// <summary>Score descending, id ascending.</summary>
    public static int Compare((double Score, int Document) a, (double Score, int Document) b, Segment segment) =>
        a.Score > b.Score ? -1 : a.Score < b.Score ? 1 : segment.IdKey(a.Document).CompareTo(segment.IdKey(b.Document));
}
