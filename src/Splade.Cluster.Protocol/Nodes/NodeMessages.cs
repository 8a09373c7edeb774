using System.Collections.Immutable;
using Splade.Cluster.Protocol.Encoding;

namespace Splade.Cluster.Protocol.Nodes;

/// <summary>Who a node is.</summary>
/// <param name="Name">Readable name, unique by chance.</param>
/// <param name="Address">Akka address, as <c>--seed-nodes</c> takes it.</param>
/// <param name="HttpUrl">Where its health, metrics and (coordinators) REST API are.</param>
public sealed record NodeInfo(
    string Name, string Address, string HttpUrl, ImmutableArray<string> Roles, string Version, DateTimeOffset StartedAt);

public enum ShardState
{
    Opening = 0,
    Started = 1,
    Failed = 2,
}

/// <summary>A shard that a node leads, with what the tables of <c>_cat</c> show of it.</summary>
public sealed record ShardStatus(
    ShardId Shard, ShardState State, long DocumentCount, long DeletedCount, long SizeInBytes, int SegmentCount, long UnflushedOperations, string? Problem = null)
{
    /// <summary>Bytes of <see cref="SizeInBytes"/> that are mapped files; the others are in the node's memory.</summary>
    public long MappedBytes { get; init; }
}

/// <summary>What every node tells every coordinator's node directory each second and on change. The newest <paramref name="Number"/> wins.</summary>
/// <param name="Models">Models that this node can encode with; empty without the encoder role.</param>
/// <param name="HeapBytes">Managed heap.</param>
/// <param name="ResidentBytes">Resident set of the process.</param>
/// <param name="CpuPercent">Of all cores, since the last report.</param>
public sealed record NodeReport(
    NodeInfo Node, long Number, ImmutableArray<ShardStatus> Shards, ImmutableArray<ModelInfo> Models, long HeapBytes, long ResidentBytes, int CpuPercent) : ISpladeProtocol
{
    /// <summary>Bytes of <see cref="ResidentBytes"/> that are pages of mapped files: segments, and the program's own. 0 where the system doesn't tell.</summary>
    public long ResidentFileBytes { get; init; }

    /// <summary>Names of models that this node is about to load, to tell what they are: in a moment they are among its models, or they are broken.</summary>
    public ImmutableArray<string> LoadingModels { get; init; } = [];
}
