using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;

namespace Splade.Encoding;

/// <summary>How texts are encoded where that is not for the model alone to say. Equal settings and the same model give equal vectors.</summary>
public sealed record EncodingSettings
{
    /// <summary>As the model package says; texts over its limit are cut off.</summary>
    public static EncodingSettings Default { get; } = new();

    /// <summary>Of document vectors; null for that of the package.</summary>
    public PruneSettings? Pruning { get; init; }

    /// <summary>Of query vectors; null for that of the package.</summary>
    public PruneSettings? QueryPruning { get; init; }

    /// <summary>Of long documents: how they are cut, and whether passages share a vector.</summary>
    public ChunkingSettings Chunking { get; init; } = ChunkingSettings.None;
}
