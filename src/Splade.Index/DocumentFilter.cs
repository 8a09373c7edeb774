namespace Splade.Index;

/// <summary>A set of documents of one <see cref="IndexReader"/> as bitmaps: those that match a query, or have one of some ids.</summary>
public sealed class DocumentFilter
{
    internal DocumentFilter(IndexReader reader, ulong[][] words)
    {
        Reader = reader;
        Words = words;
    }

    internal IndexReader Reader { get; }

    /// <summary>One bit a document, for each segment.</summary>
    internal ulong[][] Words { get; }

    /// <summary>Documents of both.</summary>
    /// <exception cref="ArgumentException">The other one is of another reader.</exception>
    public DocumentFilter And(DocumentFilter other) => With(other, (a, b) => a & b);

    /// <summary>Documents of either.</summary>
    /// <exception cref="ArgumentException">The other one is of another reader.</exception>
    public DocumentFilter Or(DocumentFilter other) => With(other, (a, b) => a | b);

    /// <summary>All other documents of the reader.</summary>
    public DocumentFilter Not() => new(Reader, Array.ConvertAll(Words, segment => Array.ConvertAll(segment, word => ~word)));

    private DocumentFilter With(DocumentFilter other, Func<ulong, ulong, ulong> combine)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Reader == Reader
            ? new DocumentFilter(Reader, [.. Words.Zip(other.Words, (a, b) => a.Zip(b, combine).ToArray())])
            : throw new ArgumentException("The filters are of different readers.", nameof(other));
    }
}
