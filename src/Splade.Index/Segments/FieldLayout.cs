namespace Splade.Index.Segments;

/// <summary>How the lists of one segment are laid out.</summary>
/// <param name="Bounded">Whether all but the rarest lists have bounds. Small segments are searched exhaustively, so they need none.</param>
internal readonly record struct FieldLayout(bool Bounded)
{
    private const int MinDocuments = 8 * 1024;

    /// <summary>Postings in a superblock, on average, from which a directory and fine bounds are worth their bytes.</summary>
    private const double CelledPostings = 6.5;

    /// <summary>The same where bounds are not worth any: many of its cells are bitmaps (<see cref="BitmapCell"/>).</summary>
    private const double BitmapPostings = 24;

    /// <summary>The same for a row of superblocks' bounds with 4 bits each, and with 2.</summary>
    private const double SparsePostings = 1.0;
    private const double SparserPostings = 0.4;

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
