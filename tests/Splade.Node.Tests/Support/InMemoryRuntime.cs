using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Node.Tests.Support;

internal sealed class InMemoryRuntime(ISearchCluster? cluster) : INodeRuntime
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ISearchCluster? Cluster => cluster;

    public bool IsReady { get; set; } = true;

    public bool Disposed { get; private set; }

    public Task Terminated => _ended.Task;

    /// <summary>Whether the node joins again once it <see cref="End"/>s.</summary>
    public bool WasRemoved { get; set; }

    public string EndReason => "the others removed it";

    public NodeInfo Node => InMemoryCluster.Node;

    public IReadOnlyList<ModelInfo> Models => [];

    public IReadOnlyList<ShardStatus> Shards { get; set; } = [];

    public IReadOnlyList<string> CoordinatorUrls => ["http://10.0.0.1:9200"];

    /// <summary>As when the other nodes remove this one.</summary>
    public void End() => _ended.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
