using System.Collections.Immutable;
using System.Text;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Merges the best documents of several segments by (score descending, id ascending by UTF-8 bytes).</summary>
internal sealed class HitCollector(int k)
{
    private List<(double Score, byte[] Id)> _hits = [];

    /// <summary>What a document must score at least to get in.</summary>
    public double Floor { get; private set; }

    public void Add(Segment segment, ReadOnlySpan<(double Score, int Document)> found)
    {
        foreach (var (score, document) in found)
        {
            if (score >= Floor)
            {
                _hits.Add((score, segment.Id(document).ToArray()));
            }
        }

        _hits.Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Id.AsSpan().SequenceCompareTo(b.Id));
        if (_hits.Count >= k && k > 0)
        {
            _hits = _hits.GetRange(0, k);
            Floor = _hits[^1].Score;
        }
    }

    public ImmutableArray<Hit> ToHits() => [.. _hits.Take(k).Select(h => new Hit(Encoding.UTF8.GetString(h.Id), h.Score))];
}
