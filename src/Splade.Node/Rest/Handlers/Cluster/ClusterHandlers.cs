using System.Security.Cryptography;
using System.Text.Json;
using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol.Nodes;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Cluster;

/// <summary>Greeting, health and nodes of the cluster.</summary>
internal sealed class ClusterHandlers(TimeProvider time)
{
    /// <summary>Version of the dialect that is spoken, which clients compare with their own.</summary>
    private const string DialectVersion = "9.0.0";

    /// <summary>How often a waiting health request looks again.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    public IEnumerable<Route> Routes =>
    [
        new(["GET", "HEAD"], "/", "Name and version", Greet),
        .. Route.Paths("/_cluster/health | /_cluster/health/{index}").Select(p =>
            new Route(["GET"], p, "Health of the cluster, at once or when it is as wished", HealthAsync) { Parameters = [.. HealthWait.Parameters, "expand_wildcards"] }),
        .. Route.Paths("/_nodes/stats | /_nodes/_all/stats").Select(p =>
            new Route(["GET"], p, "Documents, segments and memory of each node", NodeStats) { Parameters = ["timeout"] }),
        .. Route.Paths("/_nodes | /_nodes/_all | /_nodes/http | /_nodes/_all/http").Select(p =>
            new Route(["GET"], p, "Nodes with their addresses; with /http those that serve the API", Nodes) { Parameters = ["timeout"] }),
    ];

    private static Task<RestResponse> Greet(RestRequest request) => Task.FromResult(RestResponse.OfJson(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", request.Runtime.Node.Name);
        json.WriteString("cluster_name", ClusterNodeOptions.SystemName);
        json.WriteString("cluster_uuid", request.Cluster.Catalog.ClusterUuid);
        json.WriteStartObject("version");
        json.WriteString("number", DialectVersion);
        json.WriteString("build_flavor", "default");
        json.WriteString("build_type", "splade-cluster");
        json.WriteString("build_hash", request.Runtime.Node.Version);
        json.WriteString("build_date", "2026-01-01T00:00:00.000Z");
        json.WriteBoolean("build_snapshot", false);
        json.WriteString("lucene_version", "10.1.0");
        json.WriteString("minimum_wire_compatibility_version", "8.18.0");
        json.WriteString("minimum_index_compatibility_version", "8.0.0");
        json.WriteEndObject();
        json.WriteString("tagline", "You Know, for Search");
        json.WriteEndObject();
    }));

    private async Task<RestResponse> HealthAsync(RestRequest request)
    {
        var wait = HealthWait.Parse(request.Query);
        var level = request.Query["level"] ?? "cluster";
        if (level is not ("cluster" or "indices" or "shards"))
        {
            throw RestErrors.IllegalArgument($"level parameter must be one of [cluster], [indices] or [shards] but was [{level}]");
        }

        var started = time.GetTimestamp();
        while (true)
        {
            var health = Look(request);
            if (health is not null && wait.IsMet(health))
            {
                return Answer(health, level, timedOut: false);
            }

            if (time.GetElapsedTime(started) >= wait.Timeout)
            {
                return Answer(health ?? ClusterHealth.Of(request.Cluster.Nodes, []), level, timedOut: true, unknownIndex: health is null);
            }

            await Task.Delay(PollInterval, time, request.Aborted).ConfigureAwait(false);
        }
    }

    /// <summary>Null while an index that was named does not exist: that too is waited for.</summary>
    private static ClusterHealth? Look(RestRequest request)
    {
        try
        {
            var options = IndexOptions.Expand(IndexOptions.Default with { ExpandHidden = true }, request.Query.List("expand_wildcards"));
            return ClusterHealth.Of(request.Cluster.Nodes, IndexExpression.Resolve(request.Cluster.Catalog, request.Part("index"), options));
        }
        catch (RestException e) when (e.Error.Status == 404)
        {
            return null;
        }
    }

    private static RestResponse Answer(ClusterHealth health, string level, bool timedOut, bool unknownIndex = false) => RestResponse.OfJson(
        json =>
        {
            json.WriteStartObject();
            json.WriteString("cluster_name", ClusterNodeOptions.SystemName);
            json.WriteString("status", unknownIndex ? "red" : ClusterHealth.Name(health.Status));
            json.WriteBoolean("timed_out", timedOut);
            json.WriteNumber("number_of_nodes", health.Nodes);
            json.WriteNumber("number_of_data_nodes", health.IndexNodes);
            json.WriteNumber("active_primary_shards", health.Active);
            json.WriteNumber("active_shards", health.Active);
            json.WriteNumber("relocating_shards", 0);
            json.WriteNumber("initializing_shards", health.Initializing);
            json.WriteNumber("unassigned_shards", health.Unassigned);
            json.WriteNumber("unassigned_primary_shards", health.UnassignedPrimaries);
            json.WriteNumber("delayed_unassigned_shards", 0);
            json.WriteNumber("number_of_pending_tasks", 0);
            json.WriteNumber("number_of_in_flight_fetch", 0);
            json.WriteNumber("task_max_waiting_in_queue_millis", 0);
            json.WriteNumber("active_shards_percent_as_number", Math.Round(health.ActivePercent, 2));
            if (level != "cluster")
            {
                json.WriteStartObject("indices");
                foreach (var index in health.Indices)
                {
                    WriteIndex(json, index, withShards: level == "shards");
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        },
        timedOut ? 408 : 200);

    private static void WriteIndex(Utf8JsonWriter json, IndexHealth index, bool withShards)
    {
        json.WriteStartObject(index.Index.Name);
        json.WriteString("status", ClusterHealth.Name(index.Status));
        json.WriteNumber("number_of_shards", index.Index.NumberOfShards);
        json.WriteNumber("number_of_replicas", index.Index.NumberOfReplicas);
        json.WriteNumber("active_primary_shards", index.Active);
        json.WriteNumber("active_shards", index.Active);
        json.WriteNumber("relocating_shards", 0);
        json.WriteNumber("initializing_shards", index.Initializing);
        json.WriteNumber("unassigned_shards", index.Unassigned);
        json.WriteNumber("unassigned_primary_shards", index.UnassignedPrimaries);
        if (withShards)
        {
            json.WriteStartObject("shards");
            foreach (var place in index.Primaries)
            {
                json.WriteStartObject(place.Shard.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
                json.WriteString("status", !place.Started ? "red" : index.Index.NumberOfReplicas > 0 ? "yellow" : "green");
                json.WriteBoolean("primary_active", place.Started);
                json.WriteNumber("active_shards", place.Started ? 1 : 0);
                json.WriteNumber("relocating_shards", 0);
                json.WriteNumber("initializing_shards", place.State == "INITIALIZING" ? 1 : 0);
                json.WriteNumber("unassigned_shards", index.Index.NumberOfReplicas + (place.State == "UNASSIGNED" ? 1 : 0));
                json.WriteNumber("unassigned_primary_shards", place.State == "UNASSIGNED" ? 1 : 0);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static Task<RestResponse> Nodes(RestRequest request)
    {
        // Clients that sniff take every node of the /http list for one that they can send requests to.
        var onlyApi = request.Route.Pattern.EndsWith("/http", StringComparison.Ordinal);
        return NodesJson(request, n => !onlyApi || n.Report.Node.Roles.Contains("coordinator"), (json, report) => WriteNode(json, report.Node));
    }

    private static Task<RestResponse> NodeStats(RestRequest request) => NodesJson(request, _ => true, NodeStatsJson.Write);

    private static Task<RestResponse> NodesJson(RestRequest request, Func<NodeView, bool> which, Action<Utf8JsonWriter, NodeReport> write)
    {
        var nodes = request.Cluster.Nodes.Nodes.Where(n => n.Reachable && which(n)).ToArray();
        return Task.FromResult(RestResponse.OfJson(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("_nodes");
            json.WriteNumber("total", nodes.Length);
            json.WriteNumber("successful", nodes.Length);
            json.WriteNumber("failed", 0);
            json.WriteEndObject();
            json.WriteString("cluster_name", ClusterNodeOptions.SystemName);
            json.WriteStartObject("nodes");
            foreach (var node in nodes)
            {
                write(json, node.Report);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }));
    }

    private static void WriteNode(Utf8JsonWriter json, NodeInfo node)
    {
        json.WriteStartObject(NodeId(node));
        json.WriteString("name", node.Name);
        json.WriteString("transport_address", node.Address);
        json.WriteString("version", DialectVersion);
        json.WriteString("build_hash", node.Version);
        json.WriteStartArray("roles");
        foreach (var role in node.Roles)
        {
            json.WriteStringValue(role);
        }

        json.WriteEndArray();
        if (Uri.TryCreate(node.HttpUrl, UriKind.Absolute, out var url))
        {
            json.WriteString("host", url.Host);
            json.WriteString("ip", url.Host);
            json.WriteStartObject("http");
            json.WriteStartArray("bound_address");
            json.WriteStringValue(url.Authority);
            json.WriteEndArray();
            json.WriteString("publish_address", url.Authority);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>22 URL-safe characters that stay the same while the node has its address.</summary>
    public static string NodeId(NodeInfo node) =>
        Convert.ToBase64String(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(node.Address)).AsSpan(0, 16)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
