namespace Splade.Index.Segments;

/// <summary>How the lists of one segment are laid out.</summary>
/// <param name="Bounded">Whether lists are laid out for bounds. Small segments are searched exhaustively, so theirs are flat but for the most frequent terms'.</param>
internal readonly record struct FieldLayout(bool Bounded)
{
    private const int MinDocuments = 8 * 1024;

    /// <summary>Postings in a superblock, on average, from which a directory and fine bounds are worth their bytes.</summary>
    private const double CelledPostings = 6.5;

    /// <summary>The same for a row of superblocks' bounds with 4 bits each, and with 2.</summary>
    private const double SparsePostings = 1.0;
    private const double SparserPostings = 0.5;

    /// <summary>Postings in a superblock, on average, from which a list is celled whatever bounds are worth: many of its cells are bitmaps (<see cref="BitmapCell"/>).</summary>
    private const double BitmapPostings = 24;

    public static FieldLayout For(int documents) => new(documents >= MinDocuments);

    public ListKind Kind(int frequency, int superblocks)
    {
        var perSuperblock = frequency / (double)superblocks;
        return perSuperblock < (Bounded ? SparserPostings : BitmapPostings) ? ListKind.Flat
            : perSuperblock < SparsePostings ? ListKind.Sparser
            : perSuperblock < CelledPostings ? ListKind.Sparse
            : ListKind.Celled;
    }
}
