namespace Splade.Index.Search;

/// <summary>What is the same for all groups of superblocks that are scored one after another.</summary>
/// <param name="query">The query in its segment.</param>
/// <param name="bounds">The query's bounds; null to score everything.</param>
/// <param name="afterLeading">Bounds of the celled terms but the leading ones; null to leave the bounds of blocks alone.</param>
/// <param name="documents">Which documents may be found.</param>
/// <param name="best">Takes what is found; null only counts.</param>
/// <param name="countMatches">Whether to count.</param>
internal readonly ref struct GroupPass(
    SegmentQuery query, BlockBounds? bounds, CelledBounds? afterLeading, AllowedDocuments documents, TopDocuments? best, bool countMatches)
{
    public readonly AllowedDocuments Documents = documents;

    public SegmentQuery Query => query;

    public BlockBounds? Bounds => bounds;

    public CelledBounds? AfterLeading => afterLeading;

    public TopDocuments? Best => best;

    public bool CountMatches => countMatches;
}
