using System.Text.Json;
using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>Creating, reading, changing and deleting indices.</summary>
internal static class IndexHandlers
{
    private static readonly string[] Timeouts = ["timeout", "master_timeout", "wait_for_active_shards"];

    public static IEnumerable<Route> Routes =>
    [
        new(["PUT"], "/{index}", "Create an index with settings and mappings", CreateAsync) { Parameters = Timeouts, Body = BodyKind.Json, AnyIndexName = true },
        new(["GET", "HEAD"], "/{index}", "Settings and mappings of indices; with HEAD whether they exist", Get)
        {
            Parameters = [.. IndexOptions.Parameters, "master_timeout", "local"],
        },
        new(["DELETE"], "/{index}", "Delete indices by name", DeleteAsync) { Parameters = [.. IndexOptions.Parameters, "timeout", "master_timeout"] },
        .. Route.Paths("/_mapping | /{index}/_mapping").Select(p =>
            new Route(["GET"], p, "Mappings of indices", GetMapping) { Parameters = [.. IndexOptions.Parameters, "master_timeout", "local"] }),
        new(["PUT", "POST"], "/{index}/_mapping", "Add fields to a mapping", PutMappingAsync)
        {
            Parameters = [.. IndexOptions.Parameters, "timeout", "master_timeout", "write_index_only"], Body = BodyKind.Json,
        },
        .. Route.Paths("/_settings | /{index}/_settings").Select(p =>
            new Route(["GET"], p, "Settings of indices", GetSettings) { Parameters = [.. IndexOptions.Parameters, "master_timeout", "local"] }),
        .. Route.Paths("/_settings | /{index}/_settings").Select(p =>
            new Route(["PUT"], p, "Change settings of indices", PutSettingsAsync)
            {
                Parameters = [.. IndexOptions.Parameters, "timeout", "master_timeout"], Body = BodyKind.Json,
            }),
    ];

    private static async Task<RestResponse> CreateAsync(RestRequest request)
    {
        var name = request.Part("index")!;
        IndexName.Check(name);
        request.Query.CheckActiveShards();
        var settings = IndexSettings.None;
        var mapping = Mapping.Empty;
        var body = await request.ReadJsonAsync("create index").ConfigureAwait(false);
        foreach (var (key, value, _) in body?.Members ?? [])
        {
            switch (key)
            {
                case "settings":
                    settings = IndexSettings.Parse(value.IsObject ? value : throw value.Error("key [settings] must be an object"));
                    break;
                case "mappings":
                    mapping = MappingParser.Parse(value);
                    break;
                case "aliases" when value is { IsObject: true, Members.Count: 0 }:
                    break;
                case "aliases":
                    throw value.Error("[aliases] are not supported", "illegal_argument_exception");
                default:
                    throw value.Error(
                        $"unknown key [{key}] for create index{DidYouMean.SuggestOrList(key, ["settings", "mappings"])}", "parse_exception");
            }
        }

        var command = new CreateIndex(
            Guid.NewGuid(),
            name,
            settings.NumberOfShards ?? 1,
            settings.NumberOfReplicas ?? 0,
            settings.SetRefreshInterval ? settings.RefreshInterval : IndexSettings.DefaultRefreshInterval,
            mapping);
        var (_, started) = await request.Cluster
            .CreateIndexAsync(command, request.Query.Time("timeout") ?? TimeSpan.FromSeconds(30), request.Aborted).ConfigureAwait(false);
        return RestResponse.OfJson(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("acknowledged", true);
            json.WriteBoolean("shards_acknowledged", started);
            json.WriteString("index", name);
            json.WriteEndObject();
        });
    }

    private static Task<RestResponse> Get(RestRequest request) => ForEachIndex(request, (json, index) =>
    {
        json.WriteStartObject("aliases");
        json.WriteEndObject();
        WriteMappings(json, index);
        WriteSettings(request, json, index);
    });

    private static Task<RestResponse> GetMapping(RestRequest request) => ForEachIndex(request, WriteMappings);

    private static Task<RestResponse> GetSettings(RestRequest request) => ForEachIndex(request, (json, index) => WriteSettings(request, json, index));

    private static async Task<RestResponse> DeleteAsync(RestRequest request)
    {
        var expression = request.Part("index")!;
        if (Glob.IsPattern(expression) || expression.Split(',').Contains("_all"))
        {
            throw RestErrors.IllegalArgument("Wildcard expressions or all indices are not allowed: name the indices to delete");
        }

        foreach (var index in request.ResolveIndices())
        {
            await request.Cluster.DeleteIndexAsync(index, request.Aborted).ConfigureAwait(false);
        }

        return RestResponse.Acknowledged;
    }

    private static async Task<RestResponse> PutMappingAsync(RestRequest request)
    {
        var additions = MappingParser.Parse(await request.RequireJsonAsync("mapping").ConfigureAwait(false));
        foreach (var index in request.ResolveIndices())
        {
            await request.Cluster.ExtendMappingAsync(index, additions, request.Aborted).ConfigureAwait(false);
        }

        return RestResponse.Acknowledged;
    }

    private static async Task<RestResponse> PutSettingsAsync(RestRequest request)
    {
        var body = await request.RequireJsonAsync("settings").ConfigureAwait(false);
        var settings = IndexSettings.Parse(body["settings"] is { IsObject: true } inner && body.Members.Count == 1 ? inner : body);
        if (settings.NumberOfShards is not null)
        {
            throw RestErrors.IllegalArgument("final index setting [index.number_of_shards], not updateable");
        }

        foreach (var index in request.ResolveIndices())
        {
            var command = new ChangeSettings(
                Guid.NewGuid(), index.Name, index.Uuid, settings.NumberOfReplicas, settings.SetRefreshInterval, settings.RefreshInterval);
            await request.Cluster.ChangeSettingsAsync(command, request.Aborted).ConfigureAwait(false);
        }

        return RestResponse.Acknowledged;
    }

    private static Task<RestResponse> ForEachIndex(RestRequest request, Action<Utf8JsonWriter, IndexMetadata> write)
    {
        var indices = request.ResolveIndices();
        return Task.FromResult(RestResponse.OfJson(json =>
        {
            json.WriteStartObject();
            foreach (var index in indices)
            {
                json.WriteStartObject(index.Name);
                write(json, index);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }));
    }

    private static void WriteMappings(Utf8JsonWriter json, IndexMetadata index)
    {
        json.WritePropertyName("mappings");
        IndexJson.WriteMapping(json, index.Mapping);
    }

    private static void WriteSettings(RestRequest request, Utf8JsonWriter json, IndexMetadata index)
    {
        json.WritePropertyName("settings");
        IndexJson.WriteSettings(json, index, request.Query.Flag("flat_settings"), request.Query.Flag("human"));
    }
}
