using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Cluster.Membership;

/// <summary>The node directory's state: replaced as a whole by its actor, read by everybody.</summary>
internal sealed class NodeDirectory : INodeDirectory
{
    private readonly Lock _lock = new();
    private readonly List<(IReadOnlyCollection<ShardId> Shards, TaskCompletionSource Done)> _waiting = [];
    private volatile State _state = new(new ClusterView([]), ImmutableDictionary<ShardId, Address>.Empty, ImmutableDictionary<ShardId, string>.Empty);

    public ClusterView Current => _state.View;

    public Address? LeaderOf(ShardId shard) => _state.Leaders.GetValueOrDefault(shard);

    public string? ProblemOf(ShardId shard) => _state is var state && !state.Leaders.ContainsKey(shard) ? state.Problems.GetValueOrDefault(shard) : null;

    public IReadOnlyList<Address> NodesOf(string role) =>
        [.. Current.Nodes.Where(n => n.Reachable && n.Report.Node.Roles.Contains(role)).Select(n => Address.Parse(n.Report.Node.Address)).Order()];

    public Task WaitForShardsAsync(IReadOnlyCollection<ShardId> shards, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (shards.All(_state.Leaders.ContainsKey))
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((shards, done));
            return WaitAsync(done, cancellationToken);
        }
    }

    /// <summary>Who gives up waiting is forgotten with the next report.</summary>
    private static async Task WaitAsync(TaskCompletionSource done, CancellationToken cancellationToken)
    {
        await using var given = cancellationToken.Register(() => done.TrySetCanceled(cancellationToken)).ConfigureAwait(false);
        await done.Task.ConfigureAwait(false);
    }

    public void Update(ImmutableArray<NodeView> nodes)
    {
        var leaders = ImmutableDictionary.CreateBuilder<ShardId, Address>();
        var problems = ImmutableDictionary.CreateBuilder<ShardId, string>();
        foreach (var node in nodes.Where(n => n.Reachable))
        {
            foreach (var shard in node.Report.Shards)
            {
                if (shard.State == ShardState.Started)
                {
                    leaders[shard.Shard] = Address.Parse(node.Report.Node.Address);
                }
                else if (shard is { State: ShardState.Failed, Problem: { } problem })
                {
                    problems[shard.Shard] = problem;
                }
            }
        }

        lock (_lock)
        {
            _state = new State(new ClusterView(nodes), leaders.ToImmutable(), problems.ToImmutable());
            foreach (var (shards, done) in _waiting.ToArray())
            {
                if (done.Task.IsCompleted || shards.All(_state.Leaders.ContainsKey))
                {
                    done.TrySetResult();
                    _waiting.Remove((shards, done));
                }
            }
        }
    }

    private sealed record State(ClusterView View, ImmutableDictionary<ShardId, Address> Leaders, ImmutableDictionary<ShardId, string> Problems);
}
