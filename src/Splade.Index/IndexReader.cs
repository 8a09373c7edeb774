using System.Collections.Immutable;
using System.Text;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index;

/// <summary>
/// An immutable, reference-counted view of an index. Any number of threads may search it while the writer goes on; its files stay
/// open until the last holder disposes it.
/// </summary>
public sealed class IndexReader : IDisposable
{
    private readonly ImmutableArray<(Segment Segment, LiveDocs Live)> _segments;
    private int _references = 1;

    /// <param name="segments">Oldest first. The reader takes a reference to each.</param>
    internal IndexReader(ImmutableArray<(Segment Segment, LiveDocs Live)> segments)
    {
        _segments = segments;
        foreach (var (segment, live) in segments)
        {
            ObjectDisposedException.ThrowIf(!segment.TryAcquire(), segment);

            DocumentCount += live.LiveCount;
            DeletedCount += live.DeletedCount;
            SizeInBytes += segment.SizeInBytes;
        }
    }

    /// <summary>Live documents.</summary>
    public long DocumentCount { get; }

    /// <summary>Deleted documents that no merge has removed yet.</summary>
    public long DeletedCount { get; }

    /// <summary>Bytes of the segments in memory and on disk.</summary>
    public long SizeInBytes { get; }

    public int SegmentCount => _segments.Length;

    /// <summary>Takes another reference; false when the reader has been closed already. Each success needs a Dispose.</summary>
    public bool TryAcquire()
    {
        while (true)
        {
            var count = Volatile.Read(ref _references);
            if (count <= 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _references, count + 1, count) == count)
            {
                return true;
            }
        }
    }

    /// <summary>The exact top k. Ties by id, so that any sharding and any segment structure give the same ranking.</summary>
    /// <param name="k">Hits wanted; 0 only counts.</param>
    /// <exception cref="ArgumentException">A weight of the query is negative or not finite.</exception>
    public TopHits Search(Query query, int k, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        using var hold = Hold();
        switch (query)
        {
            case MatchNoneQuery:
                return TopHits.Empty;
            case MatchAllQuery all:
                PreparedQuery.CheckBoost(all.Boost);
                return MatchAll(all.Boost, k, cancellationToken);
            case SparseVectorQuery sparse:
                return SearchSparse(PreparedQuery.Of(sparse), k, cancellationToken);
            default:
                throw new ArgumentException($"A {query.GetType().Name} can't be searched.", nameof(query));
        }
    }

    /// <summary>Counts matching live documents.</summary>
    public long Count(Query query, CancellationToken cancellationToken = default) => Search(query, 0, cancellationToken).Total;

    /// <summary>Explains the score of a document; null when it is not in this view.</summary>
    public ScoreExplanation? Explain(Query query, string id)
    {
        ArgumentNullException.ThrowIfNull(query);
        using var hold = Hold();
        if (Find(id) is not var (segment, document))
        {
            return null;
        }

        return query switch
        {
            MatchAllQuery all => new ScoreExplanation(true, all.Boost, []),
            SparseVectorQuery sparse => Explanation.Of(segment, document, PreparedQuery.Of(sparse)),
            _ => new ScoreExplanation(false, 0f, []),
        };
    }

    /// <summary>The stored document; null when it is not in this view.</summary>
    public StoredDocument? Get(string id)
    {
        using var hold = Hold();
        return Find(id) is var (segment, document) ? segment.Document(document) : null;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            foreach (var (segment, _) in _segments)
            {
                segment.Release();
            }
        }
    }

    /// <summary>Keeps the mapped files open while a call reads them, whatever other threads dispose meanwhile.</summary>
    private IndexReader Hold()
    {
        ObjectDisposedException.ThrowIf(!TryAcquire(), this);
        return this;
    }

    private TopHits SearchSparse(PreparedQuery query, int k, CancellationToken cancellationToken)
    {
        var merger = new HitCollector(k);
        var total = 0L;
        foreach (var (segment, live) in _segments)
        {
            var queue = k == 0 ? null : new TopKQueue(k);
            total += TermAtATime.Search(segment, live, query, queue, merger.Floor, cancellationToken);
            if (queue is not null)
            {
                merger.Add(segment, queue.Drain());
            }
        }

        return new TopHits(merger.ToHits(), total);
    }

    private TopHits MatchAll(float score, int k, CancellationToken cancellationToken)
    {
        var merger = new HitCollector(k);
        foreach (var (segment, live) in _segments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            merger.Add(
                segment,
                Enumerable.Range(0, segment.DocumentCount).Where(d => !live.IsDeleted(d)).Take(k).Select(d => (score, d)));
        }

        return new TopHits(merger.ToHits(), DocumentCount);
    }

    private (Segment Segment, int Document)? Find(string id)
    {
        var utf8 = Encoding.UTF8.GetBytes(id);
        for (var i = _segments.Length - 1; i >= 0; i--)
        {
            var (segment, live) = _segments[i];
            if (segment.Find(utf8) is >= 0 and var document && !live.IsDeleted(document))
            {
                return (segment, document);
            }
        }

        return null;
    }
}
