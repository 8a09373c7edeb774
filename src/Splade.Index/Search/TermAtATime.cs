using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Exhaustive term-at-a-time scoring of one segment over ranges of 32,768 documents, whose accumulators stay in the cache, and a vectorised scan
/// for matches and candidates. Exact, counts every match.
/// </summary>
internal static class TermAtATime
{
    [ThreadStatic]
    private static float[]? _accumulators;

    /// <summary>Switched off by tests, which compare the scalar path.</summary>
    internal static bool UseVectors { get; set; } = true;

    /// <param name="queue">Gets the best documents; null only counts.</param>
    /// <param name="floor">Documents that score less can't be in the answer any more.</param>
    /// <returns>Live documents with a score above 0.</returns>
    public static long Search(
        Segment segment, LiveDocs live, PreparedQuery query, TopKQueue? queue, float floor, CancellationToken cancellationToken)
    {
        if (segment.Field(query.Field) is not { } field)
        {
            return 0;
        }

        var lists = new List<Cursor>(query.Features.Length);
        foreach (var (utf8, _, weight, _) in query.Features)
        {
            if (field.Find(utf8) is >= 0 and var term)
            {
                lists.Add(new Cursor(field.Postings(term), weight));
            }
        }

        var accumulators = _accumulators ??= GC.AllocateArray<float>(SegmentFormat.RangeSize, pinned: true);
        var total = 0L;
        while (lists.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var range = int.MaxValue;
            foreach (var list in lists)
            {
                range = Math.Min(range, list.Range);
            }

            var first = (long)range << SegmentFormat.RangeBits;
            if (first >= segment.DocumentCount)
            {
                throw new SegmentCorruptException(segment.Name, SegmentFormat.Postings + field.Name, $"Range {range} lies beyond the last document.");
            }

            var size = (int)Math.Min(SegmentFormat.RangeSize, segment.DocumentCount - first);
            accumulators.AsSpan(0, size).Clear();
            for (var i = 0; i < lists.Count; i++)
            {
                if (lists[i].Range == range)
                {
                    lists[i].Accumulate(accumulators);
                }
            }

            lists.RemoveAll(static l => l.Range == int.MaxValue);
            total += Scan(accumulators, size, (int)first, live.DeletedWords, queue, floor);
        }

        return total;
    }

    private static long Scan(float[] accumulators, int size, int first, ReadOnlySpan<ulong> deleted, TopKQueue? queue, float floor)
    {
        var total = 0L;
        var position = 0;
        if (UseVectors)
        {
            for (; position + Vector512<float>.Count <= size; position += Vector512<float>.Count)
            {
                var scores = Vector512.LoadUnsafe(ref accumulators[0], (nuint)position);
                var matches = (uint)Vector512.GreaterThan(scores, Vector512<float>.Zero).ExtractMostSignificantBits();
                if (matches == 0)
                {
                    continue;
                }

                if (deleted.Length != 0)
                {
                    var document = first + position;
                    matches &= ~(uint)(deleted[document >> 6] >> (document & 63)) & 0xFFFFu;
                }

                total += BitOperations.PopCount(matches);
                if (queue is null)
                {
                    continue;
                }

                var bound = Vector512.Create(Math.Max(floor, queue.Threshold));
                var candidates = matches & (uint)Vector512.GreaterThanOrEqual(scores, bound).ExtractMostSignificantBits();
                for (; candidates != 0; candidates &= candidates - 1)
                {
                    var place = position + BitOperations.TrailingZeroCount(candidates);
                    queue.Add(accumulators[place], first + place);
                }
            }
        }

        for (; position < size; position++)
        {
            var document = first + position;
            var score = accumulators[position];
            if (score > 0f && (deleted.Length == 0 || (deleted[document >> 6] >> (document & 63) & 1) == 0))
            {
                total++;
                if (queue is not null && score >= floor && score >= queue.Threshold)
                {
                    queue.Add(score, document);
                }
            }
        }

        return total;
    }

    /// <summary>Walks one posting list range by range.</summary>
    private sealed class Cursor
    {
        private readonly PostingList _list;
        private readonly float _weight;
        private int _index;
        private int _position;
        private int _count;

        public Cursor(PostingList list, float weight)
        {
            _list = list;
            _weight = weight;
            Load();
        }

        /// <summary>The range that comes next; <see cref="int.MaxValue"/> after the last.</summary>
        public int Range { get; private set; }

        public void Accumulate(float[] accumulators)
        {
            AddProducts(_list.Documents(_position, _count), _list.Codes(_position, _count), _weight, accumulators);
            _position += _count;
            _index++;
            Load();
        }

        private void Load()
        {
            if (_index == _list.RangeCount)
            {
                Range = int.MaxValue;
                return;
            }

            (Range, _count) = _list.Range(_index);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddProducts(ReadOnlySpan<ushort> documents, ReadOnlySpan<ushort> codes, float weight, float[] accumulators)
    {
        for (var i = 0; i < documents.Length; i++)
        {
            // The mask keeps a damaged document number inside the range.
            accumulators[documents[i] & (SegmentFormat.RangeSize - 1)] += weight * WeightCode.Decode(codes[i]);
        }
    }
}
