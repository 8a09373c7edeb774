using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Cluster.Tests;

/// <summary>A directory that says what a test tells it.</summary>
internal sealed class FakeDirectory : INodeDirectory
{
    public ConcurrentDictionary<ShardId, Address> Leaders { get; } = [];

    public ClusterView Current { get; set; } = new([]);

    public Address? LeaderOf(ShardId shard) => Leaders.GetValueOrDefault(shard);

    public ConcurrentDictionary<ShardId, string> Problems { get; } = [];

    public string? ProblemOf(ShardId shard) => Problems.GetValueOrDefault(shard);

    public IReadOnlyList<Address> NodesOf(string role) => [];

    public Task WaitForShardsAsync(IReadOnlyCollection<ShardId> shards, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>An encoder that has a model and loads another.</summary>
    public static ClusterView Loading(string model, params string[] ready)
    {
        var node = Encoder(ready).Nodes[0];
        return new ClusterView([node with { Report = node.Report with { LoadingModels = [model] } }]);
    }

    public static ClusterView Encoder(params string[] models) => new(
    [
        new NodeView(
            new NodeReport(
                new NodeInfo("n", "akka://test", "", ["encoder"], "1", DateTimeOffset.UnixEpoch), 1, [],
                [.. models.Select(m => new ModelInfo(m, 1, 1, false, "CPU", m))], 0, 0, 0),
            true,
            false),
    ]);
}
