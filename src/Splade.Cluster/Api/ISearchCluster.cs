using System.Collections.Immutable;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Api;

/// <summary>
/// The cluster as a coordinator's API sees it. Every method may throw <see cref="SearchClusterException"/>, which carries a typed error.
/// Nothing here knows HTTP.
/// </summary>
public interface ISearchCluster
{
    /// <summary>This node's copy of the catalog: never blocks, at most moments old; a change made through this node is in it on return.</summary>
    CatalogSnapshot Catalog { get; }

    /// <summary>Nodes with what they reported last.</summary>
    ClusterView Nodes { get; }

    /// <summary>Creates an index and waits (up to <paramref name="timeout"/>) until its shards are open. True when they are.</summary>
    Task<(IndexMetadata Index, bool ShardsStarted)> CreateIndexAsync(CreateIndex command, TimeSpan timeout, CancellationToken cancellationToken);

    Task DeleteIndexAsync(IndexMetadata index, CancellationToken cancellationToken);

    Task<IndexMetadata> ExtendMappingAsync(IndexMetadata index, Mapping additions, CancellationToken cancellationToken);

    Task<IndexMetadata> ChangeSettingsAsync(ChangeSettings command, CancellationToken cancellationToken);

    /// <summary>
    /// Writes documents: maps and encodes them, routes them to their shards, waits until they are journalled. Operations on one id keep their order.
    /// One result for each operation, in order; one failing does not stop the others. Unknown fields extend the mapping where it is dynamic;
    /// a missing index is created with a dynamic mapping unless the operation requires it.
    /// </summary>
    Task<ImmutableArray<WriteResult>> WriteAsync(ImmutableArray<WriteOperation> operations, RefreshPolicy refresh, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Real-time reads, in the order asked; null where there is no such document.</summary>
    Task<ImmutableArray<StoredDocument?>> GetAsync(IndexMetadata index, ImmutableArray<string> ids, CancellationToken cancellationToken);

    /// <summary>What the shards found, and each failure of one. <see cref="SearchResult.FailureOf"/> says whether the search has failed as a whole.</summary>
    Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken cancellationToken);

    /// <summary>Why one document has its score for a query; null when it does not exist.</summary>
    Task<ScoreExplanation?> ExplainAsync(IndexMetadata index, string id, SearchQuery query, CancellationToken cancellationToken);

    Task<BroadcastResult> RefreshAsync(ImmutableArray<IndexMetadata> indices, CancellationToken cancellationToken);

    Task<BroadcastResult> FlushAsync(ImmutableArray<IndexMetadata> indices, CancellationToken cancellationToken);

    /// <summary>Tokens and expansion of a text with a model.</summary>
    Task<TextAnalyzed> AnalyzeAsync(string model, EncodingSettings settings, string text, bool asQuery, CancellationToken cancellationToken);
}

/// <summary>A typed failure of a cluster operation.</summary>
public sealed class SearchClusterException(ErrorInfo error, Exception? inner = null) : Exception(error.Reason, inner)
{
    public ErrorInfo Error { get; } = error;
}

/// <summary>All members as last reported.</summary>
public sealed record ClusterView(ImmutableArray<NodeView> Nodes)
{
    /// <summary>Every model that some reachable encoder offers, each name once.</summary>
    public IEnumerable<ModelInfo> Models => Nodes.Where(n => n.Reachable).SelectMany(n => n.Report.Models).DistinctBy(m => m.Name);

    /// <summary>
    /// Names of models whose packages differ between reachable encoders, with the nodes of each package. Vectors of one can't be compared with those of
    /// the other: documents and queries are refused by chance, as they meet the one or the other.
    /// </summary>
    public ImmutableArray<ModelConflict> ModelConflicts =>
    [
        .. Nodes.Where(n => n.Reachable).SelectMany(n => n.Report.Models.Select(m => (Model: m, Node: n.Report.Node.Name)))
            .GroupBy(m => m.Model.Name)
            .Select(g => new ModelConflict(g.Key, [.. g.GroupBy(m => m.Model.Fingerprint, m => m.Node).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new ModelPackageNodes(p.Key, [.. p]))]))
            .Where(c => c.Packages.Length > 1)
            .OrderBy(c => c.Model, StringComparer.Ordinal),
    ];

    /// <summary>True while some reachable encoder has the model and is about to load it.</summary>
    public bool IsLoading(string model) => Nodes.Any(n => n.Reachable && n.Report.LoadingModels.Contains(model));

    /// <summary>True when at least one reachable encoder has reported.</summary>
    public bool HasEncoder => Nodes.Any(n => n.Reachable && n.Report.Node.Roles.Contains("encoder"));
}

/// <summary>Several packages of one name.</summary>
public sealed record ModelConflict(string Model, ImmutableArray<ModelPackageNodes> Packages)
{
    public override string ToString() =>
        $"model [{Model}] is not the same on all encoder nodes ({string.Join("; ", Packages.Select(p => $"package {p.ShortFingerprint} on {string.Join(", ", p.Nodes)}"))}): import one package on all of them";
}

/// <summary>The nodes that have one package.</summary>
public sealed record ModelPackageNodes(string Fingerprint, ImmutableArray<string> Nodes)
{
    public string ShortFingerprint => Fingerprint[..Math.Min(8, Fingerprint.Length)];
}

/// <param name="Leader">It runs the catalog singleton.</param>
public sealed record NodeView(NodeReport Report, bool Reachable, bool Leader);

public enum RefreshPolicy
{
    None = 0,

    /// <summary>Refresh the touched shards before answering.</summary>
    Immediate = 1,

    /// <summary>Answer when a refresh has made the writes visible; may cause one.</summary>
    WaitFor = 2,
}

public enum WriteKind
{
    Index = 0,
    Create = 1,
    Update = 2,
    Delete = 3,
}

/// <summary>One write as its caller sent it.</summary>
/// <param name="Index">Name of an index, which may not exist yet.</param>
/// <param name="Id">Null for an automatic id (index and create only).</param>
/// <param name="Source">The document; for an update its body (<c>doc</c>, <c>upsert</c>, <c>doc_as_upsert</c>, <c>detect_noop</c>); empty for a delete.</param>
public sealed record WriteOperation(WriteKind Kind, string Index, string? Id, ReadOnlyMemory<byte> Source)
{
    /// <summary>Write only when the live document has this sequence number.</summary>
    public long? IfSeqNo { get; init; }

    /// <summary>How often an update is tried again after a conflict.</summary>
    public int RetryOnConflict { get; init; }

    /// <summary>Refuse instead of creating a missing index.</summary>
    public bool RequireIndex { get; init; }
}

/// <param name="Result"><c>created</c>, <c>updated</c>, <c>deleted</c>, <c>not_found</c> or <c>noop</c>; null when <paramref name="Error"/> is set.</param>
/// <param name="Status">HTTP-like: 200, 201, 404, or the error's.</param>
public sealed record WriteResult(string Index, string Id, string? Result, int Status, long Version, long SeqNo, ErrorInfo? Error)
{
    /// <summary>The source after an update, where there was one.</summary>
    public ReadOnlyMemory<byte>? UpdatedSource { get; init; }
}

/// <summary>Outcome of an operation on all shards of some indices.</summary>
public sealed record BroadcastResult(int Total, int Successful, ImmutableArray<(ShardId Shard, ErrorInfo Error)> Failures);
