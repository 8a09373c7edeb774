using Splade.Node.Health;
using Splade.Node.Metrics;
using Splade.Node.OpenApi;
using Splade.Node.Rest.Handlers.Cat;
using Splade.Node.Rest.Handlers.Cluster;
using Splade.Node.Rest.Handlers.Documents;
using Splade.Node.Rest.Handlers.Indices;
using Splade.Node.Rest.Handlers.Search;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest;

/// <summary>All endpoints of a node.</summary>
internal static class Api
{
    public static RouteTable Create(NodeState state, RestMetrics metrics, TimeProvider time)
    {
        RouteTable? table = null;
        table = new RouteTable(
        [
            .. new ClusterHandlers(time).Routes,
            .. IndexHandlers.Routes,
            .. BroadcastHandlers.Routes,
            .. new BulkHandlers(metrics).Routes,
            .. DocumentHandlers.Routes,
            .. MultiGetHandlers.Routes,
            .. SearchHandlers.Routes,
            .. MultiSearchHandlers.Routes,
            .. AnalyzeHandlers.Routes,
            .. new CatHandlers(time).Routes,
            .. new HealthHandlers(state).Routes,
            .. new OpenApiHandlers(() => table!.Routes).Routes,
        ]);
        return table;
    }
}
