using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Node.Tests.Support;

internal sealed class InMemoryRuntime(ISearchCluster? cluster) : INodeRuntime
{
    public ISearchCluster? Cluster => cluster;

    public bool IsReady { get; set; } = true;

    public bool Disposed { get; private set; }

    public Task Terminated => Task.Delay(Timeout.Infinite);

    public NodeInfo Node => InMemoryCluster.Node;

    public IReadOnlyList<ModelInfo> Models => [];

    public IReadOnlyList<string> CoordinatorUrls => ["http://10.0.0.1:9200"];

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
