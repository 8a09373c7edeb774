namespace Splade.Index.Segments;

/// <summary>How the lists of one segment are laid out.</summary>
internal readonly struct FieldLayout
{
    /// <summary>Documents from which lists are laid out for bounds. Smaller segments are searched exhaustively, so theirs are flat but for the most frequent terms'.</summary>
    private const int MinBounded = 8 * 1024;

    /// <summary>Postings in a superblock, on average, from which a directory and fine bounds are worth their bytes.</summary>
    private const double CelledPostings = 6.5;

    /// <summary>The same for a row of superblocks' bounds with 4 bits each, and with 2.</summary>
    private const double SparsePostings = 1.0;
    private const double SparserPostings = 0.5;

    /// <summary>Where superblocks are more, fewer postings already make a list sparse: a query reads all of a flat list, while rows of bounds are summed by vectors.</summary>
    private const double FewSuperblocks = 1024;

    /// <summary>Postings in a superblock, on average, from which a list is celled whatever bounds are worth: many of its cells are bitmaps (<see cref="BitmapCell"/>).</summary>
    private const double BitmapPostings = 24;

    private readonly int _superblocks;

    /// <summary>Postings in a superblock, on average, below which a list is flat.</summary>
    private readonly double _leastOfOthers;

    /// <param name="documents">Of the segment.</param>
    public FieldLayout(int documents)
    {
        _superblocks = SegmentFormat.Superblocks(documents);
        _leastOfOthers = documents < MinBounded ? BitmapPostings : SparserPostings * Math.Min(1, Math.Pow(FewSuperblocks / _superblocks, 0.25));
    }

    /// <param name="frequency">Documents of a term.</param>
    public ListKind Kind(int frequency)
    {
        var perSuperblock = frequency / (double)_superblocks;
        return perSuperblock < _leastOfOthers ? ListKind.Flat
            : perSuperblock < SparsePostings ? ListKind.Sparser
            : perSuperblock < CelledPostings ? ListKind.Sparse
            : ListKind.Celled;
    }
}
