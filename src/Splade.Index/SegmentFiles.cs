namespace Splade.Index;

/// <summary>The files of one published segment, as full local paths.</summary>
/// <param name="SegmentId">Unique in its index, sortable by age.</param>
/// <param name="SegmentPath">The immutable segment file.</param>
/// <param name="LivePath">The newest live-documents file; null when nothing is deleted.</param>
public sealed record SegmentFiles(string SegmentId, string SegmentPath, string? LivePath)
{
    /// <summary>
    /// Checksum of the segment file's table, which holds the checksums of all its sections: no other segment has it, so a whole file that is
    /// another segment is found when it is opened. Null when it is not known: the file is then not compared.
    /// </summary>
    public ulong? SegmentDigest { get; init; }

    /// <summary>The same for the live-documents file: its own checksum.</summary>
    public ulong? LiveDigest { get; init; }
}

/// <summary>A segment or live-documents file is truncated, corrupt, foreign or of a newer format.</summary>
public sealed class SegmentCorruptException(string file, string section, string message)
    : IOException($"{file}, section {section}: {message}")
{
    public string File { get; } = file;

    public string Section { get; } = section;
}
