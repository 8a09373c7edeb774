using System.Collections.Immutable;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>Runs searches and turns one that failed as a whole into an error.</summary>
internal static class SearchExecution
{
    private static readonly SearchResult NoShards = new(TimeSpan.Zero, false, 0, 0, [], 0, null, []);

    public static async Task<SearchResult> SearchAsync(ISearchCluster cluster, SearchRequest request, CancellationToken cancellationToken)
    {
        if (request.Indices.IsEmpty)
        {
            return NoShards;
        }

        var result = await cluster.SearchAsync(request, cancellationToken).ConfigureAwait(false);
        return result.FailureOf(request) is { } what ? throw Failed(what, result) : result;
    }

    /// <summary>Exact count of what a query matches.</summary>
    public static Task<SearchResult> CountAsync(
        ISearchCluster cluster, IReadOnlyList<IndexMetadata> indices, SearchQuery query, CancellationToken cancellationToken) =>
        SearchAsync(cluster, new SearchRequest([.. indices], query, 0, 0) { FetchSource = false, AllowPartialResults = false }, cancellationToken);

    private static RestException Failed(string what, SearchResult result)
    {
        ImmutableArray<(ShardId Shard, RestError Error)> failed = [.. result.Failures.Select(f => (f.Shard, RestErrors.Of(f.Error)))];
        var first = failed[0].Error;

        // A query that is wrong is the client's fault; anything else may pass.
        var status = failed.All(f => f.Error.Status is >= 400 and < 500) ? first.Status : 503;
        return new RestException(new RestError(status, "search_phase_execution_exception", $"{what}: {first.Type}: {first.Reason}")
        {
            RootCauses = [.. failed.Select(f => f.Error with { Details = [("index", f.Shard.Index)] }).DistinctBy(c => (c.Type, c.Reason, c.Details[0].Value))],
            Details = [("phase", "query")],
            FailedShards = failed,
        });
    }
}
