using System.Collections.Immutable;
using Splade.Cluster.Catalog;
using Splade.Cluster.Encoding;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Shards;
using Splade.Cluster.Search;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Api;

/// <summary>The cluster's interface over the actors of a coordinator.</summary>
internal sealed class SearchCluster(
    CoordinatorServices services, CatalogClient catalog, WriteService writes, ShardReader reader, ShardMaintenance maintenance, SearchService searches, EncodingClient encoding) : ISearchCluster
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);

    /// <summary>As long as a search waits for a shard that no node leads.</summary>
    private static readonly TimeSpan PlacementTimeout = new Search.SearchOptions().PlacementTimeout;

    public CatalogSnapshot Catalog => services.View.Current;

    public ClusterView Nodes => services.Directory.Current;

    public async Task<(IndexMetadata Index, bool ShardsStarted)> CreateIndexAsync(CreateIndex command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (IndexNames.Check(command.Name) is { } error)
        {
            throw new SearchClusterException(error);
        }

        var index = (await catalog.SendAsync(command with { Mapping = await ResolveModelsAsync(command.Mapping, cancellationToken).ConfigureAwait(false) }, cancellationToken).ConfigureAwait(false))!;
        using var patience = new CancellationTokenSource(timeout, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await services.Directory.WaitForShardsAsync([.. index.Shards], either.Token).ConfigureAwait(false);
            return (index, true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (index, false);
        }
    }

    public Task DeleteIndexAsync(IndexMetadata index, CancellationToken cancellationToken) =>
        catalog.SendAsync(new DeleteIndex(Guid.NewGuid(), index.Name, index.Uuid), cancellationToken);

    public async Task<IndexMetadata> ExtendMappingAsync(IndexMetadata index, Mapping additions, CancellationToken cancellationToken)
    {
        var resolved = await ResolveModelsAsync(additions, cancellationToken).ConfigureAwait(false);
        return await catalog.ExtendMappingAsync(index, resolved, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IndexMetadata> ChangeSettingsAsync(ChangeSettings command, CancellationToken cancellationToken) =>
        (await catalog.SendAsync(command, cancellationToken).ConfigureAwait(false))!;

    public Task<ImmutableArray<WriteResult>> WriteAsync(
        ImmutableArray<WriteOperation> operations, RefreshPolicy refresh, TimeSpan timeout, CancellationToken cancellationToken) =>
        writes.WriteAsync(operations, refresh, timeout, cancellationToken);

    public Task<ImmutableArray<StoredDocument?>> GetAsync(IndexMetadata index, ImmutableArray<string> ids, CancellationToken cancellationToken)
    {
        var now = services.Time.GetUtcNow();
        return reader.GetAsync(index, ids, now + ReadTimeout, now + PlacementTimeout, cancellationToken);
    }

    public Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken cancellationToken) => searches.SearchAsync(request, cancellationToken);

    public Task<ScoreExplanation?> ExplainAsync(IndexMetadata index, string id, SearchQuery query, CancellationToken cancellationToken) =>
        searches.ExplainAsync(index, id, query, cancellationToken);

    public Task<BroadcastResult> RefreshAsync(ImmutableArray<IndexMetadata> indices, CancellationToken cancellationToken) =>
        BroadcastAsync(indices, shard => new RefreshShard(shard, Guid.NewGuid()), cancellationToken);

    public Task<BroadcastResult> FlushAsync(ImmutableArray<IndexMetadata> indices, CancellationToken cancellationToken) =>
        BroadcastAsync(indices, shard => new FlushShard(shard, Guid.NewGuid()), cancellationToken);

    public Task<TextAnalyzed> AnalyzeAsync(string model, EncodingSettings settings, string text, bool asQuery, CancellationToken cancellationToken) =>
        encoding.AnalyzeAsync(model, settings, text, asQuery, services.Time.GetUtcNow() + ReadTimeout, cancellationToken);

    private async Task<BroadcastResult> BroadcastAsync(
        ImmutableArray<IndexMetadata> indices, Func<ShardId, IShardMessage> message, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(indices.SelectMany(i => i.Shards).Select(async shard =>
            (Shard: shard, Error: await maintenance.RunAsync(message(shard), cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);
        return new BroadcastResult(
            answers.Length, answers.Count(a => a.Error is null), [.. answers.Where(a => a.Error is not null).Select(a => (a.Shard, a.Error!))]);
    }

    private Task<Mapping> ResolveModelsAsync(Mapping mapping, CancellationToken cancellationToken) =>
        SemanticModels.ResolveAsync(mapping, services.Directory, services.Time, cancellationToken);
}
