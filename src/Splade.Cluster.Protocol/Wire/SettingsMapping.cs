using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;

namespace Splade.Cluster.Protocol.Wire;

/// <summary>Settings of encoding, in messages and mappings.</summary>
internal static class SettingsMapping
{
    public static EncodingSettings ToWire(this Splade.Encoding.EncodingSettings settings) => new()
    {
        Pruning = settings.Pruning.ToWire(), QueryPruning = settings.QueryPruning.ToWire(), Chunking = settings.Chunking.ToWire(),
    };

    public static Splade.Encoding.EncodingSettings FromWire(this EncodingSettings? wire) => new()
    {
        Pruning = wire?.Pruning.FromWireOrNull(),
        QueryPruning = wire?.QueryPruning.FromWireOrNull(),
        Chunking = wire?.Chunking.FromWireOrNull() ?? ChunkingSettings.None,
    };

    public static Pruning? ToWire(this PruneSettings? pruning) => pruning is null ? null : new Pruning { Type = (int)pruning.Type, Ratio = pruning.Ratio };

    public static PruneSettings? FromWireOrNull(this Pruning? wire) => wire is null ? null : new PruneSettings((PruneType)wire.Type, wire.Ratio);

    public static StaticPruning? ToWire(this Splade.Index.StaticPruning? pruning)
    {
        if (pruning is null)
        {
            return null;
        }

        var wire = new StaticPruning { MinShareOfLargest = pruning.MinShareOfLargest, KeepRest = pruning.KeepRest };
        if (pruning.MaxFeatures is { } most)
        {
            wire.MaxFeatures = most;
        }

        return wire;
    }

    public static Splade.Index.StaticPruning? FromWireOrNull(this StaticPruning? wire) => wire is null ? null : new Splade.Index.StaticPruning
    {
        MaxFeatures = wire.HasMaxFeatures ? wire.MaxFeatures : null, MinShareOfLargest = wire.MinShareOfLargest, KeepRest = wire.KeepRest,
    };

    public static Chunking? ToWire(this ChunkingSettings? chunking)
    {
        if (chunking is null)
        {
            return null;
        }

        var wire = new Chunking { Strategy = (int)chunking.Strategy, Overlap = chunking.Overlap, MaxChunks = chunking.MaxChunks, Scoring = (int)chunking.Scoring };
        if (chunking.MaxChunkSize is { } size)
        {
            wire.MaxChunkSize = size;
        }

        return wire;
    }

    public static ChunkingSettings? FromWireOrNull(this Chunking? wire) => wire is null
        ? null
        : new ChunkingSettings((ChunkingStrategy)wire.Strategy, wire.HasMaxChunkSize ? wire.MaxChunkSize : null, wire.Overlap, wire.MaxChunks)
        {
            Scoring = (PassageScoring)wire.Scoring,
        };
}
