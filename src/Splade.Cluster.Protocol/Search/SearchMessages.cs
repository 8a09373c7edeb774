using System.Collections.Immutable;
using Splade.Index;

namespace Splade.Cluster.Protocol.Search;

/// <summary>The search of some shards on one node. To <c>/user/leaf-search</c> of an index node; answered by <see cref="LeafSearchResult"/>.</summary>
/// <param name="K">Best documents wanted; 0 only counts.</param>
/// <param name="Deadline">UTC; later work is not worth doing.</param>
/// <param name="Mode">Null: <see cref="SearchMode.Exact"/>.</param>
public sealed record LeafSearch(
    Guid RequestId, ImmutableArray<ShardId> Shards, Query Query, int K, DateTimeOffset Deadline, SearchMode? Mode = null) : ISpladeProtocol;

/// <summary>The best of all shards asked that answered, merged, and the shards that did not with their reason.</summary>
public sealed record LeafSearchResult(
    Guid RequestId,
    ImmutableArray<LeafHit> Hits,
    long Total,
    ImmutableArray<ShardId> Successful,
    ImmutableArray<ShardFailure> Failures,
    LeafWork? Work = null) : ISpladeProtocol;

/// <param name="ShardOrdinal">Position in <see cref="LeafSearch.Shards"/>.</param>
public readonly record struct LeafHit(string Id, double Score, int ShardOrdinal);

public sealed record ShardFailure(ShardId Shard, ErrorInfo Error);

/// <summary>
/// Live documents that have a feature, in some shards on one node. To <c>/user/leaf-search</c>; answered by <see cref="TermsCounted"/>.
/// </summary>
/// <param name="MinimumWeight">That the feature must have in a document; 0 for any.</param>
public sealed record CountTerms(
    Guid RequestId, ImmutableArray<ShardId> Shards, string Field, ImmutableArray<string> Features, float MinimumWeight, DateTimeOffset Deadline) : ISpladeProtocol;

/// <summary>Sums over the shards that were there.</summary>
/// <param name="Shards">How many of the shards asked were counted.</param>
/// <param name="Documents">Live documents.</param>
/// <param name="Frequencies">In the order of <see cref="CountTerms.Features"/>.</param>
public sealed record TermsCounted(Guid RequestId, int Shards, long Documents, ImmutableArray<long> Frequencies) : ISpladeProtocol;

/// <summary>
/// Stored documents (and explanations when <paramref name="Explain"/> is set) of final hits, from the view that the search of the same
/// request id saw. Answered by one or more <see cref="FetchResult"/>, each under the frame size.
/// </summary>
public sealed record FetchHits(Guid RequestId, ShardId Shard, ImmutableArray<string> Ids, Query? Explain, DateTimeOffset Deadline) : ISpladeProtocol;

/// <summary>The search of this request id fetches nothing more: its view may go. Not answered; when it is lost, the view goes after its lease.</summary>
public sealed record ReleaseView(Guid RequestId) : ISpladeProtocol;

/// <param name="Offset">Position in <see cref="FetchHits.Ids"/> of the first document here.</param>
public sealed record FetchResult(
    Guid RequestId, ShardId Shard, int Offset, ImmutableArray<FetchedDocument> Documents, bool Last, ErrorInfo? Error = null) : ISpladeProtocol;

/// <summary><paramref name="Document"/> is null when the document has gone meanwhile.</summary>
public sealed record FetchedDocument(string Id, StoredDocument? Document, ScoreExplanation? Explanation);
