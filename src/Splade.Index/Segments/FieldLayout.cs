namespace Splade.Index.Segments;

/// <summary>How the lists of one segment are laid out.</summary>
/// <param name="BlockBits">Logarithm of the documents in a block of the bounds.</param>
/// <param name="Bounded">Whether lists have bounds. Small segments are searched exhaustively, so they need none.</param>
internal readonly record struct FieldLayout(int BlockBits, bool Bounded)
{
    private const int MinDocuments = 8 * 1024;

    /// <summary>Postings in a superblock, on average, from which a celled list's bounds, summed 64 blocks at a time, are worth their room.</summary>
    private const int CelledPostings = 2;

    public static FieldLayout For(int documents) => new(6, documents >= MinDocuments);

    /// <summary>
    /// Bytes besides 2 a posting: celled, 2 a superblock and half a block; sparse, 3 a cell; flat, 1 a posting. Sparse wins where a term keeps to few blocks.
    /// </summary>
    public ListKind Kind(ReadOnlySpan<int> documents, int superblocks, int blocks)
    {
        if (!Bounded)
        {
            return ListKind.Flat;
        }

        var cells = 0;
        for (int i = 0, block = -1; i < documents.Length; i++)
        {
            cells += documents[i] >> BlockBits != block ? 1 : 0;
            block = documents[i] >> BlockBits;
        }

        var celled = (superblocks * 2L) + (blocks / 2);
        return documents.Length >= CelledPostings * superblocks && cells * 4L > celled ? ListKind.Celled
            : cells * 3L <= documents.Length ? ListKind.Sparse
            : ListKind.Flat;
    }
}
