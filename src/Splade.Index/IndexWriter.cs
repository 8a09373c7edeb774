using System.Collections.Immutable;

namespace Splade.Index;

/// <summary>
/// The one writer of an index. Not thread-safe: its owner (a shard actor) calls it from one thread at a time; only
/// <see cref="FlushJob.Run"/> and <see cref="MergeJob.Run"/> may run elsewhere meanwhile.
/// Writes are visible to <see cref="Get"/> at once and to readers after <see cref="Refresh"/>.
/// </summary>
public sealed class IndexWriter : IDisposable
{
    /// <summary>Opens an index over published segment files, all checksummed; <see cref="SegmentCorruptException"/> names file and section.</summary>
    /// <param name="segments">Segment files with their live-documents files, oldest first. Empty for a new index.</param>
    public static IndexWriter Open(IReadOnlyList<SegmentFiles> segments, IndexWriterOptions? options = null) =>
        throw new NotImplementedException();

    /// <summary>Estimated bytes of everything that is not in a published segment.</summary>
    public long MemoryBytes => throw new NotImplementedException();

    /// <summary>Documents and deletes since the last flush.</summary>
    public long UnflushedOperations => throw new NotImplementedException();

    /// <summary>Adds the document, replacing a live one of the same id.</summary>
    public void Index(IndexDocument document) => throw new NotImplementedException();

    /// <summary>Deletes the document; false when there is none.</summary>
    public bool Delete(string id) => throw new NotImplementedException();

    /// <summary>Version and sequence number of the live document, without reading its source; null when there is none.</summary>
    public (long Version, long SeqNo)? Find(string id) => throw new NotImplementedException();

    /// <summary>The live document, unrefreshed writes included.</summary>
    public StoredDocument? Get(string id) => throw new NotImplementedException();

    /// <summary>Makes all writes visible and returns the new view, acquired for the caller. The same view when nothing has changed.</summary>
    public IndexReader Refresh() => throw new NotImplementedException();

    /// <summary>
    /// Captures what is in memory for one new segment file; null when nothing has changed since the last flush.
    /// Writing goes on meanwhile. At most one flush or merge may be open at a time.
    /// </summary>
    public FlushJob? BeginFlush() => throw new NotImplementedException();

    /// <summary>Captures a merge that the merge policy wants; null when it wants none.</summary>
    public MergeJob? BeginMerge() => throw new NotImplementedException();

    /// <summary>
    /// Replaces what the job read by the segment that it wrote, deletes that came in meanwhile applied, and returns the files that now
    /// make up the published index (segment and live-documents files; paths inside the index folder).
    /// </summary>
    public ImmutableArray<SegmentFiles> Complete(FlushJob job) => throw new NotImplementedException();

    /// <inheritdoc cref="Complete(FlushJob)"/>
    public ImmutableArray<SegmentFiles> Complete(MergeJob job) => throw new NotImplementedException();

    /// <summary>Forgets a failed job; nothing has changed.</summary>
    public void Abandon(FlushJob job) => throw new NotImplementedException();

    /// <inheritdoc cref="Abandon(FlushJob)"/>
    public void Abandon(MergeJob job) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>The files of one published segment, as full local paths.</summary>
/// <param name="SegmentId">Unique in its index, sortable by age.</param>
/// <param name="SegmentPath">The immutable segment file.</param>
/// <param name="LivePath">The newest live-documents file; null when nothing is deleted.</param>
public sealed record SegmentFiles(string SegmentId, string SegmentPath, string? LivePath);

/// <summary>A flush in progress: everything in memory becomes one segment file, and changed live-documents get new files.</summary>
public sealed class FlushJob
{
    internal FlushJob()
    {
    }

    /// <summary>Writes the files into a folder (write, fsync, rename, fsync folder). Runs on any thread.</summary>
    public void Run(string folder, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}

/// <summary>A merge in progress.</summary>
public sealed class MergeJob
{
    internal MergeJob()
    {
    }

    /// <inheritdoc cref="FlushJob.Run"/>
    public void Run(string folder, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}

public sealed record IndexWriterOptions;

/// <summary>A segment or live-documents file is truncated, corrupt, foreign or of a newer format.</summary>
public sealed class SegmentCorruptException(string file, string section, string message)
    : IOException($"{file}, section {section}: {message}")
{
    public string File { get; } = file;

    public string Section { get; } = section;
}
