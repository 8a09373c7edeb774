using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Cluster.Protocol.Wire;

internal static class NodesMapping
{
    public static NodeReport ToWire(Nodes.NodeReport message)
    {
        var node = message.Node;
        var wire = new NodeReport
        {
            Node = new() { Name = node.Name, Address = node.Address, HttpUrl = node.HttpUrl, Version = node.Version, StartedAt = node.StartedAt.ToWire() },
            Number = message.Number,
            HeapBytes = message.HeapBytes,
            ResidentBytes = message.ResidentBytes,
            CpuPercent = message.CpuPercent,
            ResidentFileBytes = message.ResidentFileBytes,
        };
        wire.Node.Roles.AddRange(node.Roles);
        wire.Shards.AddRange(message.Shards.Select(ToWire));
        wire.Models.AddRange(message.Models.Select(m => new Model
        {
            Name = m.Name,
            VocabularySize = m.VocabularySize,
            MaxTokens = m.MaxTokens,
            InferenceFreeQueries = m.InferenceFreeQueries,
            Provider = m.Provider,
            Fingerprint = m.Fingerprint,
        }));
        wire.LoadingModels.AddRange(message.LoadingModels);
        return wire;
    }

    public static Nodes.NodeReport FromWire(NodeReport wire) => new(
        new NodeInfo(
            wire.Node.Name, wire.Node.Address, wire.Node.HttpUrl, [.. wire.Node.Roles], wire.Node.Version, wire.Node.StartedAt.ToTime()),
        wire.Number,
        [.. wire.Shards.Select(FromWire)],
        [.. wire.Models.Select(m => new ModelInfo(m.Name, m.VocabularySize, m.MaxTokens, m.InferenceFreeQueries, m.Provider, m.Fingerprint))],
        wire.HeapBytes,
        wire.ResidentBytes,
        wire.CpuPercent)
    {
        ResidentFileBytes = wire.ResidentFileBytes,
        LoadingModels = [.. wire.LoadingModels],
    };

    private static ShardStatus ToWire(Nodes.ShardStatus status)
    {
        var wire = new ShardStatus
        {
            Shard = status.Shard.ToWire(),
            State = (int)status.State,
            Documents = status.DocumentCount,
            Deleted = status.DeletedCount,
            SizeInBytes = status.SizeInBytes,
            Segments = status.SegmentCount,
            UnflushedOperations = status.UnflushedOperations,
            MappedBytes = status.MappedBytes,
        };
        if (status.Problem is not null)
        {
            wire.Problem = status.Problem;
        }

        return wire;
    }

    private static Nodes.ShardStatus FromWire(ShardStatus wire) => new(
        wire.Shard.FromWire(),
        (ShardState)wire.State,
        wire.Documents,
        wire.Deleted,
        wire.SizeInBytes,
        wire.Segments,
        wire.UnflushedOperations,
        wire.HasProblem ? wire.Problem : null)
    {
        MappedBytes = wire.MappedBytes,
    };
}
