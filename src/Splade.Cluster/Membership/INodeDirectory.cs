using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;

namespace Splade.Cluster.Membership;

/// <summary>What a coordinator knows of the nodes and of which node leads which shard. Safe to read from any thread.</summary>
internal interface INodeDirectory
{
    ClusterView Current { get; }

    /// <summary>Where a started shard is led; null while it is unknown, opening, failed, or its node unreachable.</summary>
    Address? LeaderOf(ShardId shard);

    /// <summary>Why a shard that no node leads can't be opened; null where none says so.</summary>
    string? ProblemOf(ShardId shard);

    /// <summary>Reachable nodes of a role, in a stable order.</summary>
    IReadOnlyList<Address> NodesOf(string role);

    /// <summary>Completes when every shard has a leader that has started it.</summary>
    Task WaitForShardsAsync(IReadOnlyCollection<ShardId> shards, CancellationToken cancellationToken);
}
