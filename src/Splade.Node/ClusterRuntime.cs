using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Node;

/// <summary>A cluster member behind a node's HTTP side.</summary>
internal sealed class ClusterRuntime(ClusterNode node) : INodeRuntime
{
    public ISearchCluster? Cluster => node.Cluster;

    public bool IsReady => node.IsReady;

    public IReadOnlyList<string> NotReadyReasons => node.NotReadyReasons;

    public Task Terminated => node.Terminated;

    public bool WasRemoved => node.WasRemoved;

    public string EndReason => node.EndReason;

    public NodeInfo Node => node.Node;

    public IReadOnlyList<ModelInfo> Models => node.Models;

    public IReadOnlyList<ShardStatus> Shards => node.Shards;

    public ValueTask DisposeAsync() => node.DisposeAsync();
}
