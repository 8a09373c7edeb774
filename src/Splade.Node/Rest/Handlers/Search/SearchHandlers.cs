using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Handlers.Documents;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>Search, count and explain.</summary>
internal static class SearchHandlers
{
    public static IEnumerable<Route> Routes =>
    [
        .. Route.Paths("/_search | /{index}/_search").Select(p =>
            new Route(["GET", "POST"], p, "The best documents for a query", SearchAsync) { Parameters = SearchOptions.Parameters, Body = BodyKind.Json }),
        .. Route.Paths("/_count | /{index}/_count").Select(p =>
            new Route(["GET", "POST"], p, "How many documents a query matches", CountAsync)
            {
                Parameters = [.. IndexOptions.Parameters, "source", "source_content_type"], Body = BodyKind.Json,
            }),
        new(["GET", "POST"], "/{index}/_explain/{id}", "Why a document has its score for a query", ExplainAsync)
        {
            Parameters = [.. WriteOptions.Source, "source", "source_content_type"], Body = BodyKind.Json,
        },
    ];

    /// <summary>Runs one search as <c>_search</c> and each element of <c>_msearch</c> ask for it.</summary>
    public static async Task<(SearchResult Result, SearchOptions Options, string? QueryName)> RunAsync(
        ISearchCluster cluster, IReadOnlyList<IndexMetadata> indices, QueryParameters query, JsonPart? body, CancellationToken cancellationToken)
    {
        var options = SearchOptions.Parse(query, body);
        var search = new QueryParser(indices).Parse(body?["query"]);
        var request = new SearchRequest([.. indices], search, options.From, options.Size)
        {
            Timeout = options.Timeout,
            AllowPartialResults = options.AllowPartial,
            FetchSource = options.Source.Fetch || options.Version || options.SeqNo,
            Explain = options.Explain,
            CountLimit = options.TrackTotal ?? long.MaxValue,
            Profile = options.Profile,
        };
        return (await SearchExecution.SearchAsync(cluster, request, cancellationToken).ConfigureAwait(false), options, search.Name);
    }

    private static async Task<RestResponse> SearchAsync(RestRequest request)
    {
        var body = await request.ReadJsonAsync("search").ConfigureAwait(false);
        var (result, options, name) = await RunAsync(request.Cluster, request.ResolveIndices(), request.Query, body, request.Aborted).ConfigureAwait(false);
        return RestResponse.OfJson(json =>
        {
            json.WriteStartObject();
            SearchJson.WriteMembers(json, result, options, name);
            json.WriteEndObject();
        });
    }

    private static async Task<RestResponse> CountAsync(RestRequest request)
    {
        var body = await request.ReadJsonAsync("count").ConfigureAwait(false);
        body?.RefuseUnknown("count", "query");
        var indices = request.ResolveIndices();
        var query = new QueryParser(indices).Parse(body?["query"]);
        var result = await SearchExecution.CountAsync(request.Cluster, indices, query, request.Aborted).ConfigureAwait(false);
        return RestResponse.OfJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("count", result.Total);
            SearchJson.WriteShards(json, result.ShardsTotal, result.ShardsSuccessful, result.Failures, skipped: true);
            json.WriteEndObject();
        });
    }

    private static async Task<RestResponse> ExplainAsync(RestRequest request)
    {
        var index = request.RequireIndex();
        var id = request.Part("id")!;
        var body = await request.RequireJsonAsync("explain").ConfigureAwait(false);
        body.RefuseUnknown("explain", "query");
        var query = new QueryParser([index]).Parse(body["query"] ?? throw body.Error("[explain] requires [query]"));
        var explanation = await request.Cluster.ExplainAsync(index, id, query, request.Aborted).ConfigureAwait(false);
        var source = request.Query.Source();
        var document = explanation is not null && source is { Fetch: true }
            ? (await request.Cluster.GetAsync(index, [id], request.Aborted).ConfigureAwait(false))[0]
            : null;
        return RestResponse.OfJson(
            json =>
            {
                json.WriteStartObject();
                json.WriteString("_index", index.Name);
                json.WriteString("_id", id);
                json.WriteBoolean("matched", explanation is { Matched: true });
                if (explanation is not null)
                {
                    json.WritePropertyName("explanation");
                    SearchJson.WriteExplanation(json, explanation);
                }

                if (document is not null)
                {
                    json.WriteStartObject("get");
                    json.WriteBoolean("found", true);
                    json.WritePropertyName("_source");
                    source!.Write(json, document.Source);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            },
            explanation is null ? 404 : 200);
    }
}
