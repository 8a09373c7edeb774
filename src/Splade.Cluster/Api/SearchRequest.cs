using System.Collections.Immutable;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Search;
using Splade.Index;

namespace Splade.Cluster.Api;

/// <summary>A query before it is bound to an index: fields are names, texts are not encoded yet.</summary>
public abstract record SearchQuery
{
    public float Boost { get; init; } = 1f;

    /// <summary><c>_name</c>: reported in matched_queries.</summary>
    public string? Name { get; init; }

    /// <summary>How approximate the answer may be; null: exact.</summary>
    public Approximation? Approximation { get; init; }

    /// <summary>Score what static pruning left out of documents too, where the field keeps it.</summary>
    public bool WholeVectors { get; init; }
}

/// <summary>The dial between exact and fast.</summary>
/// <param name="BoundScale">Above 0, at most 1: superblocks whose bound times this does not reach the k-th best score are skipped.</param>
/// <param name="MaxSuperblocks">Superblocks to score at most in each segment; null for no limit.</param>
public sealed record Approximation(double BoundScale, int? MaxSuperblocks);

public sealed record MatchAllSearch : SearchQuery;

/// <summary>The sum of the scores of several clauses, of which one must match; in one pass over the index. <c>bool</c> with <c>should</c>.</summary>
/// <param name="Clauses">Vectors, texts for vectors, and terms.</param>
public sealed record SumSearch(ImmutableArray<SearchQuery> Clauses) : SearchQuery;

public sealed record MatchNoneSearch : SearchQuery;

/// <summary>Exact value of a keyword, number, boolean or date field; one feature of a sparse_vector or semantic_text field.</summary>
/// <param name="Value">The value's text form; numbers and booleans as in JSON.</param>
public sealed record TermSearch(string Field, string Value) : SearchQuery;

/// <summary>A text, encoded with the model of a semantic_text field. Also what <c>match</c> on such a field means.</summary>
public sealed record SemanticSearch(string Field, string Text) : SearchQuery;

/// <summary>A given vector against a sparse_vector or semantic_text field.</summary>
public sealed record SparseVectorSearch(string Field, ImmutableArray<FeatureWeight> Vector) : SearchQuery;

/// <summary>A text, encoded with a named model (null: the field's), against a sparse_vector or semantic_text field.</summary>
public sealed record SparseInferenceSearch(string Field, string? Model, string Text) : SearchQuery;

/// <param name="Size">Hits wanted after <paramref name="From"/>; 0 only counts.</param>
public sealed record SearchRequest(ImmutableArray<IndexMetadata> Indices, SearchQuery Query, int From, int Size)
{
    /// <summary>After it the answer holds what has arrived, with <see cref="SearchResult.TimedOut"/> set.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>False: any failed shard fails the search.</summary>
    public bool AllowPartialResults { get; init; } = true;

    public bool FetchSource { get; init; } = true;

    public bool Explain { get; init; }

    public double? MinScore { get; init; }

    /// <summary>Matches are counted up to here; 0 counts nothing, which is what makes a search fastest.</summary>
    public long CountLimit { get; init; } = long.MaxValue;

    /// <summary>Tell what each shard did.</summary>
    public bool Profile { get; init; }
}

/// <param name="MaxScore">Null without hits.</param>
public sealed record SearchResult(
    TimeSpan Took, bool TimedOut, int ShardsTotal, int ShardsSuccessful, ImmutableArray<(ShardId Shard, ErrorInfo Error)> Failures, long Total, double? MaxScore, ImmutableArray<SearchHit> Hits)
{
    /// <summary>Shards may have failed to answer in time, and none has failed for another reason.</summary>
    public bool IsOnlyLate => TimedOut && Failures.All(f => f.Error.Type == Errors.TimeoutType);

    /// <summary>
    /// What has failed, where the search has failed as a whole; null where its hits are an answer. Who sets a timeout gets what there is by then, which
    /// may be nothing: without one of its own a search that found nothing in time has failed. Who allows no partial results gets none.
    /// </summary>
    public string? FailureOf(SearchRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Failures.IsEmpty ? null
            : ShardsSuccessful == 0 && !(request.Timeout is not null && IsOnlyLate) ? "all shards failed"
            : request.AllowPartialResults ? null
            : "Partial shards failure";
    }

    /// <summary>More than <see cref="Total"/> may match.</summary>
    public bool TotalIsLowerBound { get; init; }

    /// <summary>The budget of superblocks ended the search of a shard.</summary>
    public bool TerminatedEarly { get; init; }

    /// <summary>What each shard did and where, if asked for.</summary>
    public ImmutableArray<(ShardId Shard, string Node, ShardProfile Profile)> Profiles { get; init; } = [];
}

public sealed record SearchHit(string Index, ShardId Shard, string Id, double Score, StoredDocument? Document, ScoreExplanation? Explanation);
