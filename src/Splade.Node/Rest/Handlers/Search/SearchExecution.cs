using System.Collections.Immutable;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>Runs searches and turns a search in which every shard failed into an error.</summary>
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
        return (result.ShardsSuccessful == 0 && !result.Failures.IsEmpty && !(request.Timeout is not null && result.IsOnlyLate)) || (!request.AllowPartialResults && !result.Failures.IsEmpty)
            ? throw Failed(result)
            : result;
    }

    /// <summary>Exact count of what a query matches.</summary>
    public static Task<SearchResult> CountAsync(
        ISearchCluster cluster, IReadOnlyList<IndexMetadata> indices, SearchQuery query, CancellationToken cancellationToken) =>
        SearchAsync(cluster, new SearchRequest([.. indices], query, 0, 0) { FetchSource = false, AllowPartialResults = false }, cancellationToken);

    private static RestException Failed(SearchResult result)
    {
        ImmutableArray<RestError> causes = [.. result.Failures
            .Select(f => RestErrors.Of(f.Error) with { Details = [("index", f.Shard.Index), ("shard", f.Shard.Number)] })
            .DistinctBy(c => (c.Type, c.Reason))];
        var all = result.ShardsSuccessful == 0;
        return new RestException(new RestError(
            causes.Max(c => c.Status), "search_phase_execution_exception", all ? "all shards failed" : "Partial shards failure")
        {
            RootCauses = causes,
            Details = [("phase", "query"), ("failed_shards", result.Failures.Length)],
        });
    }
}
