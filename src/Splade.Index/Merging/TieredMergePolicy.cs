namespace Splade.Index.Merging;

/// <summary>
/// Merges segments of similar size, smallest first, so that each document is rewritten a logarithmic number of times (after Lucene's policy of
/// the same name). A segment with too many deleted documents is rewritten alone.
/// </summary>
internal sealed class TieredMergePolicy(IndexWriterOptions options) : IMergePolicy
{
    public IReadOnlyList<int> Choose(IReadOnlyList<SegmentSize> segments)
    {
        var bySize = Enumerable.Range(0, segments.Count).OrderBy(i => Weight(segments[i])).ThenBy(i => i).ToArray();
        for (var start = 0; start + options.SegmentsPerTier <= bySize.Length; start++)
        {
            // A tier: segments within a factor of the smallest.
            var limit = Weight(segments[bySize[start]]) * options.SegmentsPerTier;
            var tier = bySize.Skip(start).TakeWhile(i => Weight(segments[i]) <= limit).ToArray();
            if (tier.Length >= options.SegmentsPerTier && FittingPrefix(tier, segments) is { Length: >= 2 } fitting)
            {
                return fitting;
            }
        }

        var wasteful = Array.FindIndex(
            [.. segments], s => s.DeletedDocuments > options.MaxDeletedShare * (s.LiveDocuments + s.DeletedDocuments));
        return wasteful < 0 ? [] : [wasteful];
    }

    private int[] FittingPrefix(int[] tier, IReadOnlyList<SegmentSize> segments)
    {
        var bytes = 0L;
        return [.. tier.TakeWhile(i => (bytes += segments[i].Bytes) <= options.MaxMergedBytes)];
    }

    /// <summary>Small segments count as equals: merging them is cheap, keeping them is not.</summary>
    private long Weight(SegmentSize segment) => Math.Max(segment.Bytes, options.SmallSegmentBytes);
}
