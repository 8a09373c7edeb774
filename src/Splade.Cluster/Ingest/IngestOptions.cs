namespace Splade.Cluster.Ingest;

/// <summary>Settings of a coordinator's write path.</summary>
public sealed record IngestOptions
{
    /// <summary>Largest document, in bytes of its JSON.</summary>
    public int MaxDocumentBytes { get; init; } = 4 << 20;

    /// <summary>Bytes of documents being written at a time; more are refused as overload.</summary>
    public long MaxBytesInFlight { get; init; } = 256L << 20;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDocumentBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDocumentBytes, 8 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytesInFlight, MaxDocumentBytes);
    }
}
