namespace Splade.Index.Merging;

/// <summary>Size of a published segment, as a merge policy sees it.</summary>
internal readonly record struct SegmentSize(int LiveDocuments, int DeletedDocuments, long Bytes);

/// <summary>Decides which published segments become one.</summary>
internal interface IMergePolicy
{
    /// <summary>Positions of the segments to merge now; empty when all is well.</summary>
    IReadOnlyList<int> Choose(IReadOnlyList<SegmentSize> segments);
}
