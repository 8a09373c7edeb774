using System.Text.Json;
using Splade.Node.Rest;
using Splade.Node.Rest.Routing;

namespace Splade.Node.OpenApi;

/// <summary>The API's description, made from the table that routes requests, so that it can't be wrong about what there is.</summary>
internal sealed class OpenApiHandlers(Func<IReadOnlyList<Route>> table)
{
    /// <summary>Flags that may stand alone.</summary>
    private static readonly HashSet<string> Booleans = new(StringComparer.Ordinal)
    {
        "error_trace", "flat_settings", "human", "pretty", "ignore_unavailable", "allow_no_indices", "require_alias", "realtime", "explain", "version",
        "seq_no_primary_term", "rest_total_hits_as_int", "allow_partial_search_results", "v", "help", "local", "force", "wait_if_ongoing",
        "wait_for_no_initializing_shards", "wait_for_no_relocating_shards", "typed_keys", "write_index_only",
    };

    private static readonly HashSet<string> Integers = new(StringComparer.Ordinal)
    {
        "from", "size", "if_seq_no", "if_primary_term", "retry_on_conflict", "max_concurrent_searches",
    };

    public IEnumerable<Route> Routes => Route.Paths("/openapi.json | /openapi/v1.json").Select(p =>
        new Route(["GET"], p, "This description", _ => Task.FromResult(RestResponse.OfJson(Write))) { NeedsCluster = false });

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("openapi", "3.1.0");
        json.WriteStartObject("info");
        json.WriteString("title", "Splade.Cluster");
        json.WriteString("description", "A search cluster for learned sparse retrieval, in the Elasticsearch dialect.");
        json.WriteString("version", typeof(OpenApiHandlers).Assembly.GetName().Version?.ToString(3) ?? "0");
        json.WriteEndObject();
        json.WriteStartObject("paths");
        foreach (var path in table().GroupBy(r => r.Pattern).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(path.Key);
            foreach (var route in path)
            {
                foreach (var method in route.Methods)
                {
                    WriteOperation(json, route, method);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        WriteComponents(json);
        json.WriteEndObject();
    }

    private static void WriteOperation(Utf8JsonWriter json, Route route, string method)
    {
        json.WriteStartObject(method.ToLowerInvariant());
        json.WriteString("summary", route.Summary);
        json.WriteString("operationId", OperationId(route, method));
        json.WriteStartArray("parameters");
        foreach (var part in route.Parts.Where(p => p[0] == '{'))
        {
            WriteParameter(json, part[1..^1], "path");
        }

        foreach (var name in route.Parameters.Concat(QueryParameters.Common))
        {
            WriteParameter(json, name, "query");
        }

        json.WriteEndArray();
        if (route.Body != BodyKind.None && method is "POST" or "PUT")
        {
            json.WriteStartObject("requestBody");
            json.WriteStartObject("content");
            json.WriteStartObject(route.Body == BodyKind.Ndjson ? "application/x-ndjson" : "application/json");
            json.WriteStartObject("schema");
            json.WriteString("type", route.Body == BodyKind.Ndjson ? "string" : "object");
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteStartObject("responses");
        WriteResponse(json, "200", route.IsTable ? "A table, as text or JSON" : "Done", null);
        WriteResponse(json, "default", "Refused or failed", "#/components/schemas/Error");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteParameter(Utf8JsonWriter json, string name, string place)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("in", place);
        json.WriteBoolean("required", place == "path");
        json.WriteStartObject("schema");
        json.WriteString("type", Booleans.Contains(name) ? "boolean" : Integers.Contains(name) ? "integer" : "string");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResponse(Utf8JsonWriter json, string status, string description, string? schema)
    {
        json.WriteStartObject(status);
        json.WriteString("description", description);
        if (schema is not null)
        {
            json.WriteStartObject("content");
            json.WriteStartObject("application/json");
            json.WriteStartObject("schema");
            json.WriteString("$ref", schema);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteComponents(Utf8JsonWriter json)
    {
        json.WritePropertyName("components");
        json.WriteRawValue(Components);
    }

    private const string Components =
        """
        {"schemas":{
          "Error":{"type":"object","required":["error","status"],"properties":{
            "error":{"type":"object","required":["type","reason","root_cause"],"properties":{
              "type":{"type":"string"},"reason":{"type":"string"},
              "root_cause":{"type":"array","items":{"type":"object","properties":{"type":{"type":"string"},"reason":{"type":"string"}}}}}},
            "status":{"type":"integer"}}}},
          "securitySchemes":{"ApiKey":{"type":"apiKey","in":"header","name":"Authorization"}}}
        """;

    private static string OperationId(Route route, string method) =>
        method.ToLowerInvariant() + string.Concat(route.Parts.Select(p => "-" + p.Trim('{', '}', '_')));
}
