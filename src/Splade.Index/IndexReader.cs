using System.Collections.Immutable;
using System.Runtime.InteropServices;
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
            MappedBytes += segment.IsMapped ? segment.SizeInBytes : 0;
        }
    }

    /// <summary>Live documents.</summary>
    public long DocumentCount { get; }

    /// <summary>Deleted documents that no merge has removed yet.</summary>
    public long DeletedCount { get; }

    /// <summary>Bytes of the segments in memory and on disk.</summary>
    public long SizeInBytes { get; }

    /// <summary>Those of them in mapped files, of which the system keeps in memory what is used; the others are in the program's memory.</summary>
    public long MappedBytes { get; }

    public int SegmentCount => _segments.Length;

    /// <summary>What each part of the segments takes, by name. Reads every term's entry, so it is for tools, not for each request.</summary>
    public IReadOnlyList<PartSize> PartSizes()
    {
        using var hold = Hold();
        return SegmentSizes.Of(_segments.Select(s => s.Segment));
    }

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
    /// <param name="query">What to search.</param>
    /// <param name="k">Hits wanted; 0 only counts.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="ArgumentException">A weight of the query is negative or not finite.</exception>
    public TopHits Search(Query query, int k, CancellationToken cancellationToken = default) => Search(query, k, SearchOptions.Exact, cancellationToken);

    /// <inheritdoc cref="Search(Query, int, CancellationToken)"/>
    public TopHits Search(Query query, int k, SearchOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        using var hold = Hold();
        var found = Collect(query, k, options, cancellationToken);
        return new TopHits(HitCollector.OfThread.ToHits(), found.Total, found.TotalIsLowerBound, found.Statistics);
    }

    /// <summary>The same into memory of the caller, for its length of hits. Once a thread has searched, it allocates nothing but the text of ids that are no numbers.</summary>
    /// <exception cref="ArgumentException">A weight of the query is negative or not finite.</exception>
    public HitCount Search(Query query, Span<Hit> hits, SearchOptions options, CancellationToken cancellationToken = default)
    {
        using var hold = Hold();
        var found = Collect(query, hits.Length, options, cancellationToken);
        return new HitCount(HitCollector.OfThread.MoveTo(hits), found.Total, found.TotalIsLowerBound, found.Statistics);
    }

    /// <summary>The documents that match a query, to search among.</summary>
    public DocumentFilter Filter(Query query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        using var hold = Hold();
        var prepared = query is MatchAllQuery or MatchNoneQuery ? null : PreparedQuery.Of(query);
        var words = new ulong[_segments.Length][];
        for (var s = 0; s < words.Length; s++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            words[s] = MatchingDocuments.Of(_segments[s].Segment, prepared, all: query is MatchAllQuery);
        }

        return new DocumentFilter(this, words);
    }

    /// <summary>The documents with these ids, to search among; ids that are not there are left out.</summary>
    public DocumentFilter Filter(IEnumerable<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var hold = Hold();
        var words = _segments.Select(s => new ulong[(s.Segment.DocumentCount + 63) / 64]).ToArray();
        foreach (var id in ids)
        {
            if (Find(id) is var (segment, document))
            {
                words[segment][document >> 6] |= 1ul << (document & 63);
            }
        }

        return new DocumentFilter(this, words);
    }

    /// <summary>Counts matching live documents.</summary>
    public long Count(Query query, CancellationToken cancellationToken = default) => Search(query, 0, cancellationToken).Total;

    /// <summary>Counts live documents in which a feature has at least a weight, as it is stored (rounded to 8 bits); 0 for any weight.</summary>
    public long CountFrom(string field, string feature, float weight, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(feature);
        using var hold = Hold();
        return MatchingDocuments.CountFrom(_segments, field, Encoding.UTF8.GetBytes(feature), weight, cancellationToken);
    }

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
            MatchNoneQuery => new ScoreExplanation(false, 0, []),
            _ => Explanation.Of(_segments[segment].Segment, document, PreparedQuery.Of(query)),
        };
    }

    /// <summary>The stored document; null when it is not in this view.</summary>
    public StoredDocument? Get(string id)
    {
        using var hold = Hold();
        return Find(id) is var (segment, document) ? _segments[segment].Segment.Document(document) : null;
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

    /// <summary>Finds the hits, which the thread's <see cref="HitCollector"/> then has.</summary>
    private (long Total, bool TotalIsLowerBound, SearchStatistics Statistics) Collect(Query query, int k, SearchOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Filter is { } filter && filter.Reader != this)
        {
            throw new ArgumentException("The filter was made by another reader.", nameof(options));
        }

        HitCollector.OfThread.Reset(k);
        return query switch
        {
            MatchNoneQuery => default,
            MatchAllQuery all => MatchAll(PreparedQuery.CheckBoost(all.Boost), k, options, cancellationToken),
            _ => SearchVectors(PreparedQuery.OfThread(query), k, options, cancellationToken),
        };
    }

    private (long Total, bool TotalIsLowerBound, SearchStatistics Statistics) SearchVectors(
        PreparedQuery query, int k, SearchOptions options, CancellationToken cancellationToken)
    {
        // When more documents than are to be counted have one of the terms, nothing needs counting.
        var known = options.Filter is null && options.CountLimit > 0 ? MatchingDocuments.AtLeast(_segments, query, options.CountLimit) : 0;
        var count = options.CountLimit > 0 && known < options.CountLimit;
        var collector = HitCollector.OfThread;
        var search = SegmentSearch.OfThread;
        var statistics = default(SearchStatistics);
        var total = 0L;
        for (var s = 0; s < _segments.Length && (k > 0 || count); s++)
        {
            var (segment, live) = _segments[s];
            search.Run(segment, live, options.Filter?.Words[s], query, k, Math.Max(collector.Floor, options.MinScore), count, options, cancellationToken);
            collector.Add(segment, search.Best);
            total += search.Matches;
            statistics += search.Statistics;
        }

        return count ? (Math.Min(total, options.CountLimit), total > options.CountLimit, statistics) : (known, true, statistics);
    }

    private (long Total, bool TotalIsLowerBound, SearchStatistics Statistics) MatchAll(float score, int k, SearchOptions options, CancellationToken cancellationToken)
    {
        k = score < options.MinScore ? 0 : k;
        var total = 0L;
        for (var s = 0; s < _segments.Length; s++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (segment, live) = _segments[s];
            var documents = new AllowedDocuments(live, options.Filter is null ? default : options.Filter.Words[s]);
            var first = new List<ScoredDocument>();
            for (var rank = 0; rank < segment.DocumentCount && (first.Count < k || options.Filter is not null); rank++)
            {
                var document = segment.DocumentOfRank(rank);
                if (documents.Contains(document))
                {
                    total += options.Filter is null ? 0 : 1;
                    if (first.Count < k)
                    {
                        first.Add(new ScoredDocument(score, document));
                    }
                }
            }

            HitCollector.OfThread.Add(segment, CollectionsMarshal.AsSpan(first));
        }

        total = options.Filter is null ? DocumentCount : total;
        return (Math.Min(total, options.CountLimit), total > options.CountLimit, default);
    }

    /// <summary>Place of the segment that has a live document of this id, and the document there.</summary>
    private (int Segment, int Document)? Find(string id)
    {
        var utf8 = Encoding.UTF8.GetBytes(id);
        for (var i = _segments.Length - 1; i >= 0; i--)
        {
            var (segment, live) = _segments[i];
            if (segment.Find(utf8) is >= 0 and var document && !live.IsDeleted(document))
            {
                return (i, document);
            }
        }

        return null;
    }
}
