namespace Splade.Cluster.Ingest;

/// <summary>Settings of a coordinator's write path.</summary>
public sealed record IngestOptions
{
    /// <summary>Most that <see cref="MaxDocumentBytes"/> may be: a document, its vectors and their names must fit one message.</summary>
    public const int LargestDocument = 4 << 20;

    /// <summary>Largest document, in bytes of its JSON.</summary>
    public int MaxDocumentBytes { get; init; } = LargestDocument;

    /// <summary>Bytes of documents being written at a time; more are refused as overload.</summary>
    public long MaxBytesInFlight { get; init; } = 128L << 20;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDocumentBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDocumentBytes, LargestDocument);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytesInFlight, MaxDocumentBytes);
    }
}
