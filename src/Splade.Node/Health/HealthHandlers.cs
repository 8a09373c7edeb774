using System.Text.Json;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol.Nodes;
using Splade.Node.Rest;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Health;

/// <summary>Liveness and readiness for whoever runs the process. Answered by every node, without a key.</summary>
internal sealed class HealthHandlers(NodeState state)
{
    public IEnumerable<Route> Routes =>
    [
        new(["GET", "HEAD"], "/health/live", "The process is up", Live) { NeedsCluster = false },
        new(["GET", "HEAD"], "/health/ready", "The node is a full member and serves; 503 with what it waits for when not. How many of its shards are open is told, and not waited for", Ready) { NeedsCluster = false },
    ];

    private static Task<RestResponse> Live(RestRequest request) => Task.FromResult(RestResponse.OfJson(json =>
    {
        json.WriteStartObject();
        json.WriteString("status", "live");
        json.WriteEndObject();
    }));

    private Task<RestResponse> Ready(RestRequest request)
    {
        var ready = state.IsReady;
        var reasons = ready ? [] : state.NotReadyReasons;
        return Task.FromResult(RestResponse.OfJson(json => Write(json, ready, reasons), ready ? 200 : 503));
    }

    private void Write(Utf8JsonWriter json, bool ready, IReadOnlyList<string> reasons)
    {
        json.WriteStartObject();
        json.WriteString("status", ready ? "ready" : "not ready");
        json.WriteStartArray("reasons");
        foreach (var reason in reasons)
        {
            json.WriteStringValue(reason);
        }

        json.WriteEndArray();
        if (state.Runtime is { } runtime)
        {
            json.WriteString("node", runtime.Node.Name);
            json.WriteStartArray("roles");
            foreach (var role in runtime.Node.Roles)
            {
                json.WriteStringValue(role);
            }

            json.WriteEndArray();
            json.WriteStartArray("execution_providers");
            foreach (var provider in runtime.Models.Select(m => m.Provider).Distinct())
            {
                json.WriteStringValue(provider);
            }

            json.WriteEndArray();
            json.WriteStartArray("models");
            foreach (var model in runtime.Models)
            {
                json.WriteStringValue(model.Name);
            }

            json.WriteEndArray();
            if (runtime.Node.Roles.Contains(NodeRoles.Index))
            {
                WriteShards(json, runtime.Shards);
            }

            if (runtime.Cluster is { } cluster)
            {
                json.WriteStartArray("warnings");
                foreach (var conflict in cluster.Nodes.ModelConflicts)
                {
                    json.WriteStringValue(conflict.ToString());
                }

                json.WriteEndArray();
            }
        }

        json.WriteEndObject();
    }

    /// <summary>Those of this node. A new one appears when it is placed here, so a node that has just started may still get some.</summary>
    private static void WriteShards(Utf8JsonWriter json, IReadOnlyList<ShardStatus> shards)
    {
        json.WriteStartObject("shards");
        json.WriteNumber("started", shards.Count(s => s.State == ShardState.Started));
        json.WriteNumber("initializing", shards.Count(s => s.State == ShardState.Opening));
        json.WriteNumber("failed", shards.Count(s => s.State == ShardState.Failed));
        json.WriteEndObject();
    }
}
