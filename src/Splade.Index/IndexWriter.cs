using System.Collections.Immutable;
using System.Text;
using Splade.Index.Merging;
using Splade.Index.Segments;

namespace Splade.Index;

/// <summary>
/// The one writer of an index. Not thread-safe: its owner (a shard actor) calls it from one thread at a time; only
/// <see cref="FlushJob.Run"/> and <see cref="MergeJob.Run"/> may run elsewhere meanwhile.
/// Writes are visible to <see cref="Get"/> at once and to readers after <see cref="Refresh"/>.
/// </summary>
public sealed class IndexWriter : IDisposable
{
    private readonly IndexWriterOptions _options;
    private readonly TieredMergePolicy _mergePolicy;
    private readonly TieredMergePolicy _memoryMergePolicy;
    private readonly Dictionary<string, IndexDocument> _buffer = new(StringComparer.Ordinal);
    private readonly List<SegmentSlot> _slots = [];
    private long _bufferBytes;
    private long _nextSegment;
    private IndexReader? _reader;
    private bool _changed;
    private object? _openJob;
    private bool _disposed;

    private IndexWriter(IndexWriterOptions options)
    {
        options.Validate();
        _options = options;
        _mergePolicy = new TieredMergePolicy(options);
        _memoryMergePolicy = new TieredMergePolicy(options.ForMemory());
    }

    /// <summary>Estimated bytes of everything that is not in a published segment.</summary>
    public long MemoryBytes => _bufferBytes + _slots.Where(s => s.Files is null).Sum(s => s.Segment.SizeInBytes);

    /// <summary>Documents and deletes since the last flush.</summary>
    public long UnflushedOperations { get; private set; }

    /// <summary>Segments in memory that a flush would merge into one file.</summary>
    public int MemorySegments => _slots.Count(s => s.Files is null);

    /// <summary>Opens an index over published segment files, all checksummed.</summary>
    /// <param name="segments">Segment files with their live-documents files, oldest first. Empty for a new index.</param>
    /// <exception cref="SegmentCorruptException">A file is damaged, or another than its digest says; the message names file and section.</exception>
    public static IndexWriter Open(IReadOnlyList<SegmentFiles> segments, IndexWriterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(segments);
        var writer = new IndexWriter(options ?? new IndexWriterOptions());
        try
        {
            foreach (var files in segments)
            {
                ArgumentNullException.ThrowIfNull(files, nameof(segments));
                writer._slots.Add(SegmentSlot.Open(files, writer._options.VerifyChecksums));
                writer._nextSegment = Math.Max(writer._nextSegment, SegmentIds.Number(files.SegmentId) + 1);
            }
        }
        catch
        {
            writer.Dispose();
            throw;
        }

        return writer;
    }

    /// <summary>Adds the document, replacing a live one of the same id.</summary>
    /// <exception cref="ArgumentException">The document has a fault (<see cref="IndexDocument.FindFault"/>); the message says which.</exception>
    public void Index(IndexDocument document)
    {
        CheckOpen();
        ArgumentNullException.ThrowIfNull(document);
        document = Checked(document);
        Remove(document.Id);
        _buffer.Add(document.Id, document);
        _bufferBytes += BufferedBytes(document);
        Changed();
    }

    /// <summary>Deletes the document; false when there is none.</summary>
    public bool Delete(string id)
    {
        CheckOpen();
        if (!Remove(id))
        {
            return false;
        }

        Changed();
        return true;
    }

    /// <summary>Version and sequence number of the live document, without reading its source; null when there is none.</summary>
    public (long Version, long SeqNo)? Find(string id)
    {
        CheckOpen();
        if (_buffer.TryGetValue(id, out var buffered))
        {
            return (buffered.Version, buffered.SeqNo);
        }

        return Locate(id) is var (slot, document) ? slot.Segment.Version(document) : null;
    }

    /// <summary>The live document, unrefreshed writes included.</summary>
    public StoredDocument? Get(string id)
    {
        CheckOpen();
        if (_buffer.TryGetValue(id, out var buffered))
        {
            return new StoredDocument(buffered.Id, buffered.Version, buffered.SeqNo, buffered.Source);
        }

        return Locate(id) is var (slot, document) ? slot.Segment.Document(document) : null;
    }

    /// <summary>Makes all writes visible and returns the new view, acquired for the caller. The same view when nothing has changed.</summary>
    public IndexReader Refresh()
    {
        CheckOpen();
        if (_changed || _reader is null)
        {
            FreezeBuffer();
            MergeMemorySegments();
            var reader = new IndexReader([.. _slots.Where(s => s.Live.LiveCount > 0).Select(s => (s.Segment, s.Live))]);
            _reader?.Dispose();
            _reader = reader;
            _changed = false;
        }

        _reader.TryAcquire();
        return _reader;
    }

    /// <summary>
    /// Captures what is in memory for one new segment file; null when nothing has changed since the last flush.
    /// Writing goes on meanwhile. At most one flush or merge may be open at a time.
    /// </summary>
    public FlushJob? BeginFlush()
    {
        CheckOpen();
        CheckNoJob();
        FreezeBuffer();
        var memory = _slots.Where(s => s.Files is null).ToArray();
        var dirty = _slots.Where(s => s.Files is not null && s.Live != s.PublishedLive).ToArray();
        if (memory.Length == 0 && dirty.Length == 0)
        {
            UnflushedOperations = 0;
            return null;
        }

        var job = new FlushJob(NextSegmentId(), Capture(memory), Capture(dirty)) { Operations = UnflushedOperations };
        _openJob = job;
        return job;
    }

    /// <summary>Captures a merge that the merge policy wants; null when it wants none.</summary>
    public MergeJob? BeginMerge()
    {
        CheckOpen();
        CheckNoJob();
        var chosen = Choose(_mergePolicy, [.. _slots.Where(s => s.Files is not null)]);
        if (chosen.Length == 0)
        {
            return null;
        }

        var job = new MergeJob(NextSegmentId(), Capture(chosen), _options.MergeBytesPerSecond);
        _openJob = job;
        return job;
    }

    /// <summary>Captures a merge of all published segments into one, whatever the merge policy says; null when there is nothing to gain.</summary>
    public MergeJob? ForceMerge()
    {
        CheckOpen();
        CheckNoJob();
        var published = _slots.Where(s => s.Files is not null).ToArray();
        if (published.Length == 0 || (published.Length == 1 && published[0].Live.DeletedCount == 0))
        {
            return null;
        }

        var job = new MergeJob(NextSegmentId(), Capture(published), _options.MergeBytesPerSecond);
        _openJob = job;
        return job;
    }

    /// <summary>The files of the published index.</summary>
    public ImmutableArray<SegmentFiles> Published() => PublishedFiles();

    /// <summary>
    /// Replaces what the job read by the segment that it wrote, deletes that came in meanwhile applied, and returns the files that now
    /// make up the published index.
    /// </summary>
    /// <exception cref="InvalidOperationException">The job has not run to its end: abandon it instead. Nothing has changed.</exception>
    public ImmutableArray<SegmentFiles> Complete(FlushJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        CheckOpen();
        CheckHasRun(job.HasRun);
        CloseJob(job);
        foreach (var (captured, files) in job.LiveFiles)
        {
            captured.Slot.Files = files;
            captured.Slot.PublishedLive = captured.Live;
        }

        ReleaseAll(job.Dirty);
        Replace(job.Memory, job.Written);
        UnflushedOperations -= job.Operations;
        return PublishedFiles();
    }

    /// <inheritdoc cref="Complete(FlushJob)"/>
    public ImmutableArray<SegmentFiles> Complete(MergeJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        CheckOpen();
        CheckHasRun(job.HasRun);
        CloseJob(job);
        Replace(job.Sources, job.Written);
        return PublishedFiles();
    }

    /// <summary>Forgets a failed job; nothing has changed. Also after <see cref="Dispose"/>, which leaves the files of an open job to it.</summary>
    public void Abandon(FlushJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        CloseJob(job);
        job.Written?.Segment.Release();
        ReleaseAll(job.Memory);
        ReleaseAll(job.Dirty);
    }

    /// <inheritdoc cref="Abandon(FlushJob)"/>
    public void Abandon(MergeJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        CloseJob(job);
        job.Written?.Segment.Release();
        ReleaseAll(job.Sources);
    }

    public void Dispose()
    {
        _disposed = true;
        _reader?.Dispose();
        _reader = null;
        foreach (var slot in _slots)
        {
            slot.Segment.Release();
        }

        _slots.Clear();
        _buffer.Clear();
    }

    private static long BufferedBytes(IndexDocument document) =>
        200 + document.Source.Length + (2L * document.Id.Length) + document.Fields.Sum(f => 40L + (24L * f.Features.Length));

    private static ImmutableArray<CapturedSegment> Capture(SegmentSlot[] slots)
    {
        foreach (var slot in slots)
        {
            slot.Segment.TryAcquire();
        }

        return [.. slots.Select(s => new CapturedSegment(s, s.Live))];
    }

    private static void ReleaseAll(ImmutableArray<CapturedSegment> captured)
    {
        foreach (var (slot, _) in captured)
        {
            slot.Segment.Release();
        }
    }

    /// <summary>The document with what the settings leave of it.</summary>
    private IndexDocument Checked(IndexDocument document)
    {
        if (document.FindFault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(document));
        }

        if (_options.Pruning.IsEmpty)
        {
            return document;
        }

        var pruned = document with
        {
            Fields = [.. document.Fields.SelectMany(f => _options.Pruning.TryGetValue(f.Name, out var pruning) ? pruning.Prune(f) : [f])],
        };

        // What is left out may go into a field that was there already.
        return pruned.Fields.GroupBy(f => f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new ArgumentException($"Document [{document.Id}] has a field [{twice.Key}], whose name is that of what pruning leaves out of another: choose another name.", nameof(document))
            : pruned;
    }

    private string NextSegmentId() => SegmentIds.New(_nextSegment++);

    private void Changed()
    {
        _changed = true;
        UnflushedOperations++;
    }

    private bool Remove(string id)
    {
        if (_buffer.Remove(id, out var buffered))
        {
            _bufferBytes -= BufferedBytes(buffered);
            return true;
        }

        if (Locate(id) is not var (slot, document))
        {
            return false;
        }

        slot.Delete(document);
        return true;
    }

    private (SegmentSlot Slot, int Document)? Locate(string id)
    {
        var utf8 = Encoding.UTF8.GetBytes(id);
        for (var i = _slots.Count - 1; i >= 0; i--)
        {
            var slot = _slots[i];
            if (slot.Segment.Find(utf8) is >= 0 and var document && !slot.IsDeleted(document))
            {
                return (slot, document);
            }
        }

        return null;
    }

    private void FreezeBuffer()
    {
        if (_buffer.Count == 0)
        {
            return;
        }

        var segment = Segment.OfBytes(SegmentBuilder.Build(_buffer.Values, _options.SmallestImpactExponent), "memory segment");
        _slots.Add(new SegmentSlot(segment, LiveDocs.AllLive(segment.DocumentCount)));
        _buffer.Clear();
        _bufferBytes = 0;
    }

    /// <summary>
    /// Keeps the segments that a search visits between flushes few, by tiers, so that a document is rewritten a logarithmic number of times.
    /// Not while a job reads them.
    /// </summary>
    private void MergeMemorySegments()
    {
        while (_openJob is null)
        {
            var memory = _slots.Where(s => s.Files is null).ToArray();
            var chosen = Choose(_memoryMergePolicy, memory);
            if (chosen.Length == 0)
            {
                return;
            }

            using var output = new MemoryStream();
            var documents = SegmentMerger.Merge([.. chosen.Select(s => (s.Segment, s.Live))], output, reorder: false, CancellationToken.None);
            foreach (var slot in chosen)
            {
                _slots.Remove(slot);
                slot.Segment.Release();
            }

            if (documents > 0)
            {
                var segment = Segment.OfBytes(output.ToArray(), "memory segment");
                _slots.Add(new SegmentSlot(segment, LiveDocs.AllLive(segment.DocumentCount)));
            }
        }
    }

    /// <returns>Segments to merge, oldest first.</returns>
    private static SegmentSlot[] Choose(TieredMergePolicy policy, SegmentSlot[] slots)
    {
        var chosen = policy.Choose([.. slots.Select(s => new SegmentSize(s.Live.LiveCount, s.Live.DeletedCount, s.Segment.SizeInBytes))]);
        return [.. chosen.Order().Select(i => slots[i])];
    }

    private void Replace(ImmutableArray<CapturedSegment> sources, WrittenSegment? written)
    {
        var place = _slots.Count;
        var slot = written is null
            ? null
            : new SegmentSlot(written.Segment, LiveDocs.AllLive(written.Segment.DocumentCount)) { Files = written.Files };

        foreach (var (source, live) in sources)
        {
            if (slot is not null && source.Live != live)
            {
                DeleteAgain(source, live, slot);
            }

            place = Math.Min(place, _slots.IndexOf(source));
            _slots.Remove(source);
            source.Segment.Release();
            source.Segment.Release();
        }

        if (slot is not null)
        {
            _slots.Insert(place, slot);
        }

        _changed = true;
    }

    /// <summary>Deletes in the new segment what was deleted in a source after it had been captured.</summary>
    private static void DeleteAgain(SegmentSlot source, LiveDocs captured, SegmentSlot target)
    {
        Span<byte> buffer = stackalloc byte[DocumentIds.BufferBytes];
        for (var document = 0; document < source.Segment.DocumentCount; document++)
        {
            if (source.Live.IsDeleted(document) && !captured.IsDeleted(document))
            {
                target.Delete(target.Segment.Find(source.Segment.Id(document, buffer)));
            }
        }
    }

    private ImmutableArray<SegmentFiles> PublishedFiles() => [.. _slots.Where(s => s.Files is not null).Select(s => s.Files!)];

    private static void CheckHasRun(bool hasRun)
    {
        if (!hasRun)
        {
            throw new InvalidOperationException("The job has not run to its end: abandon it instead.");
        }
    }

    private void CheckOpen() => ObjectDisposedException.ThrowIf(_disposed, this);

    private void CheckNoJob()
    {
        if (_openJob is not null)
        {
            throw new InvalidOperationException("A flush or merge is open already: complete or abandon it first.");
        }
    }

    private void CloseJob(object job)
    {
        if (!ReferenceEquals(_openJob, job))
        {
            throw new InvalidOperationException("This job is not the open one.");
        }

        _openJob = null;
    }
}
