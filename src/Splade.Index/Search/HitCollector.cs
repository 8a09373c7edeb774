using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Merges the best documents of several segments by (score descending, id ascending by UTF-8 bytes). One instance a thread.</summary>
internal sealed class HitCollector
{
    [ThreadStatic]
    private static HitCollector? _instance;

    /// <summary>Ids lie anywhere in the file, two dependent cache misses each: so many hits ahead, the memory of one is asked for.</summary>
    private const int PrefetchAhead = 12;

    private Entry[] _entries = new Entry[64];
    private Entry[] _spare = new Entry[64];
    private int _k;
    private int _count;

    /// <summary>What a document must score at least to get in.</summary>
    public double Floor => _count == _k && _k > 0 ? _entries[_count - 1].Score : 0;

    public static HitCollector OfThread => _instance ??= new HitCollector();

    /// <param name="k">Documents wanted.</param>
    public void Reset(int k)
    {
        Array.Clear(_entries, 0, _count);
        (_k, _count) = (k, 0);
    }

    /// <param name="segment">Where the documents are.</param>
    /// <param name="found">Its best, in order.</param>
    public void Add(Segment segment, ReadOnlySpan<ScoredDocument> found)
    {
        if (_spare.Length < _count + found.Length)
        {
            Array.Resize(ref _spare, Math.Max(_spare.Length * 2, _count + found.Length));
        }

        int merged = 0, old = 0;
        foreach (var (score, document) in found)
        {
            var entry = new Entry(score, document, segment);
            while (old < _count && merged < _k && _entries[old].CompareTo(entry) < 0)
            {
                _spare[merged++] = _entries[old++];
            }

            if (merged == _k)
            {
                break;
            }

            _spare[merged++] = entry;
        }

        while (old < _count && merged < _k)
        {
            _spare[merged++] = _entries[old++];
        }

        // Segments must not outlive their readers in here.
        Array.Clear(_entries, 0, _count);
        (_entries, _spare) = (_spare, _entries);
        _count = merged;
    }

    /// <summary>The hits; the collector forgets them.</summary>
    public ImmutableArray<Hit> ToHits()
    {
        var hits = new Hit[_count];
        MoveTo(hits);
        return ImmutableCollectionsMarshal.AsImmutableArray(hits);
    }

    /// <summary>The same into memory for k hits.</summary>
    /// <returns>How many they are.</returns>
    public int MoveTo(Span<Hit> hits)
    {
        for (var i = -2 * PrefetchAhead; i < _count; i++)
        {
            if (i + (2 * PrefetchAhead) < _count)
            {
                _entries[i + (2 * PrefetchAhead)].Segment.PrefetchIdPlace(_entries[i + (2 * PrefetchAhead)].Document);
            }

            if (i + PrefetchAhead is >= 0 and var soon && soon < _count)
            {
                _entries[soon].Segment.PrefetchId(_entries[soon].Document);
            }

            if (i < 0)
            {
                continue;
            }

            hits[i] = _entries[i].Segment.Hit(_entries[i].Document, _entries[i].Score);
        }

        Array.Clear(_entries, 0, _count);
        var count = _count;
        _count = 0;
        return count;
    }

    private readonly record struct Entry(double Score, int Document, Segment Segment) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => Score != other.Score
            ? other.Score.CompareTo(Score)
            : Segment.Id(Document, stackalloc byte[DocumentIds.BufferBytes]).SequenceCompareTo(
                other.Segment.Id(other.Document, stackalloc byte[DocumentIds.BufferBytes]));
    }
}
