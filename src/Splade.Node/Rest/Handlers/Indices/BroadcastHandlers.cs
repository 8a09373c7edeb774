using Splade.Node.Rest.Handlers.Search;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>Operations on all shards of some indices.</summary>
internal static class BroadcastHandlers
{
    public static IEnumerable<Route> Routes =>
    [
        .. Route.Paths("/_refresh | /{index}/_refresh").Select(p =>
            new Route(["GET", "POST"], p, "Make all acknowledged writes searchable", RefreshAsync) { Parameters = IndexOptions.Parameters }),
        .. Route.Paths("/_flush | /{index}/_flush").Select(p =>
            new Route(["GET", "POST"], p, "Publish everything to the segment store", FlushAsync)
            {
                Parameters = [.. IndexOptions.Parameters, "force", "wait_if_ongoing"],
            }),
    ];

    private static async Task<RestResponse> RefreshAsync(RestRequest request) =>
        Answer(await request.Cluster.RefreshAsync([.. request.ResolveIndices()], request.Aborted).ConfigureAwait(false));

    private static async Task<RestResponse> FlushAsync(RestRequest request)
    {
        // A flush always waits for one that runs and writes whatever is unpublished: both flags at their defaults and otherwise.
        request.Query.Flag("force");
        request.Query.Flag("wait_if_ongoing");
        return Answer(await request.Cluster.FlushAsync([.. request.ResolveIndices()], request.Aborted).ConfigureAwait(false));
    }

    private static RestResponse Answer(Splade.Cluster.Api.BroadcastResult result) => RestResponse.OfJson(json =>
    {
        json.WriteStartObject();
        SearchJson.WriteShards(json, result.Total, result.Successful, result.Failures);
        json.WriteEndObject();
    });
}
