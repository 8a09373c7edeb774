using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Node.Rest.Handlers.Cluster;

internal enum HealthStatus
{
    Green = 0,

    /// <summary>Every leader serves; replicas that were asked for are missing.</summary>
    Yellow = 1,

    /// <summary>Some shard has no leader that serves.</summary>
    Red = 2,
}

/// <summary>A shard and the node that leads it; no node while it is not placed.</summary>
internal sealed record ShardPlace(ShardId Shard, ShardStatus? Status, NodeInfo? Node)
{
    public bool Started => Status?.State == ShardState.Started;

    /// <summary>State in the dialect's words.</summary>
    public string State => Status?.State switch
    {
        ShardState.Started => "STARTED",
        ShardState.Opening => "INITIALIZING",
        _ => "UNASSIGNED",
    };
}

/// <summary>How one index is, as this coordinator sees it.</summary>
internal sealed record IndexHealth(IndexMetadata Index, IReadOnlyList<ShardPlace> Primaries)
{
    public int Active => Primaries.Count(p => p.Started);

    public int Initializing => Primaries.Count(p => p.State == "INITIALIZING");

    public int UnassignedPrimaries => Primaries.Count - Active - Initializing;

    /// <summary>There are no replicas yet: those asked for count as unassigned.</summary>
    public int UnassignedReplicas => Index.NumberOfShards * Index.NumberOfReplicas;

    public int Unassigned => UnassignedPrimaries + UnassignedReplicas;

    public HealthStatus Status =>
        Active < Primaries.Count ? HealthStatus.Red : UnassignedReplicas > 0 ? HealthStatus.Yellow : HealthStatus.Green;

    public IEnumerable<ShardStatus> Reports => Primaries.Where(p => p.Status is not null).Select(p => p.Status!);
}

/// <summary>How the cluster is: the catalog's shards against what reachable nodes report.</summary>
internal sealed record ClusterHealth(IReadOnlyList<IndexHealth> Indices, int Nodes, int IndexNodes)
{
    public int Active => Indices.Sum(i => i.Active);

    public int Initializing => Indices.Sum(i => i.Initializing);

    public int Unassigned => Indices.Sum(i => i.Unassigned);

    public int UnassignedPrimaries => Indices.Sum(i => i.UnassignedPrimaries);

    public HealthStatus Status => Indices.Select(i => i.Status).DefaultIfEmpty(HealthStatus.Green).Max();

    public double ActivePercent => Active + Initializing + Unassigned is var all and > 0 ? 100.0 * Active / all : 100.0;

    public static ClusterHealth Of(ClusterView view, IEnumerable<IndexMetadata> indices)
    {
        var reachable = view.Nodes.Where(n => n.Reachable).ToArray();
        var places = new Dictionary<ShardId, ShardPlace>();
        foreach (var node in reachable)
        {
            foreach (var status in node.Report.Shards)
            {
                // During a hand-over two nodes may report a shard: the one that serves counts.
                if (!places.TryGetValue(status.Shard, out var other) || !other.Started)
                {
                    places[status.Shard] = new ShardPlace(status.Shard, status, node.Report.Node);
                }
            }
        }

        return new ClusterHealth(
            [.. indices.Select(i => new IndexHealth(i, [.. i.Shards.Select(s => places.GetValueOrDefault(s) ?? new ShardPlace(s, null, null))]))],
            reachable.Length,
            reachable.Count(n => n.Report.Node.Roles.Contains("index")));
    }

    public static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Green => "green",
        HealthStatus.Yellow => "yellow",
        _ => "red",
    };
}
