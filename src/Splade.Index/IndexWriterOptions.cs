using System.Collections.Immutable;
using Splade.Index.Codecs;

namespace Splade.Index;

/// <summary>Settings of an <see cref="IndexWriter"/>.</summary>
public sealed record IndexWriterOptions
{
    /// <summary>Segments of similar size that are merged into one.</summary>
    public int SegmentsPerTier { get; init; } = 8;

    /// <summary>No merge makes a larger segment, in bytes.</summary>
    public long MaxMergedBytes { get; init; } = 5L << 30;

    /// <summary>Segments below this size count as equally small, in bytes.</summary>
    public long SmallSegmentBytes { get; init; } = 2L << 20;

    /// <summary>A segment with a greater share of deleted documents is rewritten, 0 to 1.</summary>
    public double MaxDeletedShare { get; init; } = 0.3;

    /// <summary>Segments in memory of similar size that may pile up before a refresh merges them.</summary>
    public int MaxMemorySegments { get; init; } = 8;

    /// <summary>
    /// Impacts count in 2^this, or in the even power of 2 that a document's largest weight needs where that is larger: 2^-6 for SPLADE vectors. 0 suits small
    /// integers, which are exact in any case: searches are faster where documents have one scale.
    /// </summary>
    public int SmallestImpactExponent { get; init; } = Impact.MinExponent;

    /// <summary>Bytes a second that a merge may write; null for no limit. Flushes have none.</summary>
    public long? MergeBytesPerSecond { get; init; }

    /// <summary>Fields whose documents' vectors are pruned when they are indexed.</summary>
    public ImmutableDictionary<string, StaticPruning> Pruning { get; init; } = ImmutableDictionary<string, StaticPruning>.Empty;

    /// <summary>Check every section of a file when it is opened.</summary>
    public bool VerifyChecksums { get; init; } = true;

    /// <summary>The same rules for segments in memory, which merge in smaller steps and must fit into an array.</summary>
    internal IndexWriterOptions ForMemory() => this with
    {
        SegmentsPerTier = MaxMemorySegments + 1,
        SmallSegmentBytes = Math.Min(SmallSegmentBytes, 256 << 10),
        MaxMergedBytes = Math.Min(MaxMergedBytes, 1L << 30),
    };

    /// <exception cref="ArgumentException">A setting is out of range or null; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentsPerTier, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMergedBytes, 1L << 20);
        ArgumentOutOfRangeException.ThrowIfNegative(SmallSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDeletedShare, 0.01);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDeletedShare, 1.0);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMemorySegments, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MergeBytesPerSecond ?? 1, nameof(MergeBytesPerSecond));
        ArgumentNullException.ThrowIfNull(Pruning);
        foreach (var (field, pruning) in Pruning)
        {
            ArgumentNullException.ThrowIfNull(pruning, $"{nameof(Pruning)}[{field}]");
            pruning.Validate();
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(SmallestImpactExponent, Impact.MinExponent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SmallestImpactExponent, 119);
    }
}
