namespace Splade.Index.Segments;

/// <summary>A segment as its writer holds it, with the bitmap that changes.</summary>
internal sealed class SegmentSlot
{
    private LiveDocs _live;
    private ulong[]? _pending;

    public SegmentSlot(Segment segment, LiveDocs live)
    {
        Segment = segment;
        _live = live;
        PublishedLive = live;
    }

    /// <summary>Opens the files of a published segment.</summary>
    /// <exception cref="SegmentCorruptException">A file is damaged, or is not the one that its digest names.</exception>
    public static SegmentSlot Open(SegmentFiles files, bool verifyChecksums)
    {
        var segment = Segment.OfFile(files.SegmentPath, verifyChecksums, files.SegmentDigest);
        try
        {
            ulong? liveDigest = null;
            var live = LiveDocs.AllLive(segment.DocumentCount);
            if (files.LivePath is not null)
            {
                live = LiveDocs.OfFile(files.LivePath, segment.DocumentCount, files.LiveDigest, out var digest);
                liveDigest = digest;
            }

            // An older manifest has no digests: the next one names what is opened now.
            return new SegmentSlot(segment, live) { Files = files with
            {
                SegmentPath = Path.GetFullPath(files.SegmentPath), LivePath = files.LivePath is null ? null : Path.GetFullPath(files.LivePath),
                SegmentDigest = segment.Digest, LiveDigest = liveDigest,
            } };
        }
        catch
        {
            segment.Release();
            throw;
        }
    }

    public Segment Segment { get; }

    /// <summary>The bitmap as it is now; what is deleted later goes into a copy.</summary>
    public LiveDocs Live
    {
        get
        {
            if (_pending is not null)
            {
                _live = LiveDocs.OfDeleted(_pending, Segment.DocumentCount);
                _pending = null;
            }

            return _live;
        }
    }

    /// <summary>The bitmap that <see cref="Files"/> holds.</summary>
    public LiveDocs PublishedLive { get; set; }

    /// <summary>Null while the segment is in memory only.</summary>
    public SegmentFiles? Files { get; set; }

    public bool IsDeleted(int document) =>
        _pending is null ? _live.IsDeleted(document) : (_pending[document >> 6] >> (document & 63) & 1) != 0;

    public void Delete(int document)
    {
        _pending ??= _live.CopyDeleted();
        _pending[document >> 6] |= 1ul << (document & 63);
    }
}

/// <summary>A segment and its bitmap at the moment when a job began.</summary>
internal readonly record struct CapturedSegment(SegmentSlot Slot, LiveDocs Live);
