using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Splade.Node.Metrics;

/// <summary>What a node measures of itself and of its API.</summary>
internal sealed class RestMetrics
{
    public const string MeterName = "Splade.Node";

    private readonly Histogram<double> _requests;
    private readonly Counter<long> _bulkOperations;

    public RestMetrics(IMeterFactory meters, NodeState state)
    {
        var meter = meters.Create(MeterName);
        _requests = meter.CreateHistogram<double>("splade.rest.request.duration", "s", "Time from the arrival of a request to its answer.");
        _bulkOperations = meter.CreateCounter<long>("splade.rest.bulk.operations", description: "Operations of bulk requests by their outcome.");
        meter.CreateObservableGauge("splade.node.ready", () => state.IsReady ? 1 : 0, description: "1 when the node is a full member and serves.");
        meter.CreateObservableGauge("splade.node.models", () => state.Runtime?.Models.Count ?? 0, description: "Models that this node encodes with.");
        meter.CreateObservableGauge(
            "splade.cluster.nodes",
            () => state.Runtime?.Cluster?.Nodes.Nodes.Count(n => n.Reachable) ?? 0,
            description: "Reachable nodes as this coordinator sees them; 0 on a node that is none.");
        meter.CreateObservableGauge(
            "splade.cluster.documents",
            () => state.Runtime?.Cluster?.Nodes.Nodes.Where(n => n.Reachable).SelectMany(n => n.Report.Shards).Sum(s => s.DocumentCount) ?? 0,
            description: "Live documents of all shards as this coordinator sees them.");
    }

    public void Request(string method, string? route, int status, TimeSpan time) =>
        _requests.Record(time.TotalSeconds, new TagList { { "method", KnownMethod(method) }, { "route", route ?? "none" }, { "status", status } });

    public void BulkOperation(int status, int count = 1) =>
        _bulkOperations.Add(count, new KeyValuePair<string, object?>("status", status));

    private static string KnownMethod(string method) => method is "GET" or "POST" or "PUT" or "DELETE" or "HEAD" ? method : "other";
}
