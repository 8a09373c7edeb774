using Splade.Cluster.Protocol.Search;
using Splade.Index;

namespace Splade.Cluster.Protocol.Wire;

internal static class SearchMapping
{
    public static LeafSearch ToWire(Search.LeafSearch message)
    {
        var wire = new LeafSearch
        {
            RequestId = message.RequestId.ToWire(), Query = ToWire(message.Query), K = message.K, Deadline = message.Deadline.ToWire(), Mode = SearchModeMapping.ToWire(message.Mode),
        };
        wire.Shards.AddRange(message.Shards.Select(s => s.ToWire()));
        return wire;
    }

    public static Search.LeafSearch FromWire(LeafSearch wire) => new(
        wire.RequestId.ToGuid(), [.. wire.Shards.Select(s => s.FromWire())], FromWire(wire.Query), wire.K, wire.Deadline.ToTime(), SearchModeMapping.FromWireOrNull(wire.Mode));

    public static LeafSearchResult ToWire(Search.LeafSearchResult message)
    {
        var wire = new LeafSearchResult { RequestId = message.RequestId.ToWire(), Total = message.Total, Work = SearchModeMapping.ToWire(message.Work) };
        wire.Hits.AddRange(message.Hits.Select(h => new LeafHit { Id = h.Id, Score = h.Score, ShardOrdinal = h.ShardOrdinal }));
        wire.Successful.AddRange(message.Successful.Select(s => s.ToWire()));
        wire.Failures.AddRange(message.Failures.Select(f => new ShardFailure { Shard = f.Shard.ToWire(), Error = f.Error.ToWire() }));
        return wire;
    }

    public static Search.LeafSearchResult FromWire(LeafSearchResult wire) => new(
        wire.RequestId.ToGuid(),
        [.. wire.Hits.Select(h => new Search.LeafHit(h.Id, h.Score, h.ShardOrdinal))],
        wire.Total,
        [.. wire.Successful.Select(s => s.FromWire())],
        [.. wire.Failures.Select(f => new Search.ShardFailure(f.Shard.FromWire(), f.Error.FromWireOrNull()!))],
        SearchModeMapping.FromWireOrNull(wire.Work));

    public static CountTerms ToWire(Search.CountTerms message)
    {
        var wire = new CountTerms { RequestId = message.RequestId.ToWire(), Field = message.Field, MinimumWeight = message.MinimumWeight, Deadline = message.Deadline.ToWire() };
        wire.Shards.AddRange(message.Shards.Select(s => s.ToWire()));
        wire.Features.AddRange(message.Features);
        return wire;
    }

    public static Search.CountTerms FromWire(CountTerms wire) => new(
        wire.RequestId.ToGuid(), [.. wire.Shards.Select(s => s.FromWire())], wire.Field, [.. wire.Features], wire.MinimumWeight, wire.Deadline.ToTime());

    public static TermsCounted ToWire(Search.TermsCounted message)
    {
        var wire = new TermsCounted { RequestId = message.RequestId.ToWire(), Shards = message.Shards, Documents = message.Documents };
        wire.Frequencies.AddRange(message.Frequencies);
        return wire;
    }

    public static Search.TermsCounted FromWire(TermsCounted wire) =>
        new(wire.RequestId.ToGuid(), wire.Shards, wire.Documents, [.. wire.Frequencies]);

    public static FetchHits ToWire(Search.FetchHits message)
    {
        var wire = new FetchHits
        {
            RequestId = message.RequestId.ToWire(),
            Shard = message.Shard.ToWire(),
            Explain = message.Explain is null ? null : ToWire(message.Explain),
            Deadline = message.Deadline.ToWire(),
        };
        wire.Ids.AddRange(message.Ids);
        return wire;
    }

    public static Search.FetchHits FromWire(FetchHits wire) => new(
        wire.RequestId.ToGuid(), wire.Shard.FromWire(), [.. wire.Ids], wire.Explain is null ? null : FromWire(wire.Explain), wire.Deadline.ToTime());

    public static FetchResult ToWire(Search.FetchResult message)
    {
        var wire = new FetchResult
        {
            RequestId = message.RequestId.ToWire(), Shard = message.Shard.ToWire(), Offset = message.Offset, Last = message.Last, Error = message.Error.ToWire(),
        };
        wire.Documents.AddRange(message.Documents.Select(d => new Fetched
        {
            Id = d.Id,
            Document = d.Document is null ? null : ShardsMapping.ToWire(d.Document),
            Explanation = d.Explanation is null ? null : ToWire(d.Explanation),
        }));
        return wire;
    }

    public static Search.FetchResult FromWire(FetchResult wire) => new(
        wire.RequestId.ToGuid(),
        wire.Shard.FromWire(),
        wire.Offset,
        [.. wire.Documents.Select(d => new FetchedDocument(
            d.Id, ShardsMapping.FromWireOrNull(d.Document), d.Explanation is null ? null : FromWire(d.Explanation)))],
        wire.Last,
        wire.Error.FromWireOrNull());

    private static Query ToWire(Index.Query query)
    {
        var wire = new Query { Boost = query.Boost };
        switch (query)
        {
            case MatchAllQuery:
                wire.MatchAll = new();
                break;
            case MatchNoneQuery:
                wire.MatchNone = new();
                break;
            case SparseVectorQuery sparse:
                wire.SparseVector = new() { Field = sparse.Field };
                wire.SparseVector.Features.AddRange(sparse.Features.Select(f => f.ToWire()));
                break;
            case SumQuery sum:
                wire.Sum = new();
                wire.Sum.Clauses.AddRange(sum.Clauses.Select(ToWire));
                break;
            case BestPassageQuery best:
                wire.BestPassage = new() { Query = ToWire(best.Query) };
                wire.BestPassage.Fields.AddRange(best.Fields);
                break;
            default:
                throw new ArgumentException($"A {query.GetType().Name} has no wire form.", nameof(query));
        }

        return wire;
    }

    private static Index.Query FromWire(Query wire) => wire.KindCase switch
    {
        Query.KindOneofCase.MatchAll => new MatchAllQuery(wire.Boost),
        Query.KindOneofCase.MatchNone => new MatchNoneQuery(),
        Query.KindOneofCase.SparseVector => new SparseVectorQuery(wire.SparseVector.Field, wire.SparseVector.Features.FromWire(), wire.Boost),
        Query.KindOneofCase.Sum => new SumQuery(
            [.. wire.Sum.Clauses.Select(c => FromWire(c) as SparseVectorQuery ?? throw new FormatException("A sum may only have clauses of sparse vectors."))], wire.Boost),
        Query.KindOneofCase.BestPassage => new BestPassageQuery(FromWire(wire.BestPassage.Query), [.. wire.BestPassage.Fields]),
        _ => throw new FormatException("A query of an unknown kind."),
    };

    private static Explanation ToWire(ScoreExplanation explanation)
    {
        var wire = new Explanation { Matched = explanation.Matched, Score = explanation.Score };
        wire.Contributions.AddRange(explanation.Contributions.Select(c => new Contribution
        {
            Field = c.Field, Feature = c.Feature, QueryWeight = c.QueryWeight, DocumentWeight = c.DocumentWeight, Contribution_ = c.Contribution,
        }));
        return wire;
    }

    private static ScoreExplanation FromWire(Explanation wire) => new(
        wire.Matched,
        wire.Score,
        [.. wire.Contributions.Select(c => new FeatureContribution(c.Field, c.Feature, c.QueryWeight, c.DocumentWeight, c.Contribution_))]);
}
