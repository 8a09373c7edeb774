using System.Collections.Immutable;
using System.Globalization;
using Splade.Index.Merging;
using Splade.Index.Segments;
using Splade.Storage;

namespace Splade.Index;

/// <summary>A flush in progress: everything in memory becomes one segment file, and changed live-documents get new files.</summary>
public sealed class FlushJob
{
    private readonly string _segmentId;

    internal FlushJob(string segmentId, ImmutableArray<CapturedSegment> memory, ImmutableArray<CapturedSegment> dirty)
    {
        _segmentId = segmentId;
        Memory = memory;
        Dirty = dirty;
    }

    internal ImmutableArray<CapturedSegment> Memory { get; }

    internal ImmutableArray<CapturedSegment> Dirty { get; }

    internal long Operations { get; init; }

    internal WrittenSegment? Written { get; private set; }

    /// <summary>The files are written and on disk.</summary>
    internal bool HasRun { get; private set; }

    internal List<(CapturedSegment Captured, SegmentFiles Files)> LiveFiles { get; } = [];

    /// <summary>Writes the files into a folder (write, fsync, rename, fsync folder). Runs on any thread. Where it fails, it leaves none.</summary>
    /// <returns>Full paths of the files written.</returns>
    public IReadOnlyList<string> Run(string folder, CancellationToken cancellationToken = default)
    {
        var paths = new List<string>();
        folder = Path.GetFullPath(folder);
        try
        {
            Written = JobFiles.Merge(folder, _segmentId, Memory, null, cancellationToken);
            if (Written is not null)
            {
                paths.Add(Written.Files.SegmentPath);
            }

            foreach (var captured in Dirty)
            {
                cancellationToken.ThrowIfCancellationRequested();
                paths.Add(WriteLive(captured, folder));
            }
        }
        catch
        {
            // Nobody would learn of them.
            paths.ForEach(JobFiles.Delete);
            throw;
        }

        HasRun = true;
        return paths;
    }

    private string WriteLive(CapturedSegment captured, string folder)
    {
        var files = captured.Slot.Files!;

        // The flush's own id makes the generation: unique and ascending.
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{files.SegmentId}.{_segmentId}.live"));
        var bytes = captured.Live.ToBytes();
        DurableFile.Write(path, stream =>
        {
            stream.Write(bytes);
            return true;
        });
        LiveFiles.Add((captured, files with { LivePath = path, LiveDigest = LiveDocs.DigestOf(bytes) }));
        return path;
    }
}

/// <summary>A merge in progress: several published segments become one.</summary>
public sealed class MergeJob
{
    private readonly string _segmentId;
    private readonly long? _bytesPerSecond;

    internal MergeJob(string segmentId, ImmutableArray<CapturedSegment> sources, long? bytesPerSecond)
    {
        _segmentId = segmentId;
        _bytesPerSecond = bytesPerSecond;
        Sources = sources;
    }

    internal ImmutableArray<CapturedSegment> Sources { get; }

    internal WrittenSegment? Written { get; private set; }

    internal bool HasRun { get; private set; }

    /// <inheritdoc cref="FlushJob.Run"/>
    public IReadOnlyList<string> Run(string folder, CancellationToken cancellationToken = default)
    {
        Written = JobFiles.Merge(Path.GetFullPath(folder), _segmentId, Sources, _bytesPerSecond, cancellationToken);
        HasRun = true;
        return Written is null ? [] : [Written.Files.SegmentPath];
    }
}

/// <summary>A segment file that a job has written, open.</summary>
internal sealed record WrittenSegment(SegmentFiles Files, Segment Segment);

/// <summary>What flush and merge share.</summary>
internal static class JobFiles
{
    /// <returns>Null when no document is live.</returns>
    public static WrittenSegment? Merge(string folder, string segmentId, ImmutableArray<CapturedSegment> sources, long? bytesPerSecond, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, segmentId + ".seg");
        try
        {
            var written = DurableFile.Write(
                path,
                stream => SegmentMerger.Merge(
                    [.. sources.Select(s => (s.Slot.Segment, s.Live))], RateLimitedStream.Over(stream, bytesPerSecond, cancellationToken), reorder: true,
                    cancellationToken) > 0,
                expectedBytes: sources.Sum(s => s.Slot.Segment.SizeInBytes));
            if (!written)
            {
                return null;
            }

            // Mapped at once, because the owner may move the file; what this process has just written and flushed needs no second check.
            var segment = Segment.OfFile(path, verifyChecksums: false);
            return new WrittenSegment(new SegmentFiles(segmentId, path, null) { SegmentDigest = segment.Digest }, segment);
        }
        catch
        {
            Delete(path);
            throw;
        }
    }

    /// <summary>Deletes what a job that fails has written, if it can: the failure is what its owner must learn of.</summary>
    public static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
