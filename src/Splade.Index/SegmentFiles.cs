namespace Splade.Index;

/// <summary>The files of one published segment, as full local paths.</summary>
/// <param name="SegmentId">Unique in its index, sortable by age.</param>
/// <param name="SegmentPath">The immutable segment file.</param>
/// <param name="LivePath">The newest live-documents file; null when nothing is deleted.</param>
public sealed record SegmentFiles(string SegmentId, string SegmentPath, string? LivePath);

/// <summary>A segment or live-documents file is truncated, corrupt, foreign or of a newer format.</summary>
public sealed class SegmentCorruptException(string file, string section, string message)
    : IOException($"{file}, section {section}: {message}")
{
    public string File { get; } = file;

    public string Section { get; } = section;
}
