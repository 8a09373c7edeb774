using System.Runtime.CompilerServices;
using System.Text;

namespace Splade.Index.Segments;

/// <summary>
/// An open, immutable segment, in memory or mapped from a file. Document numbers are 0 to <see cref="DocumentCount"/> - 1, similar documents
/// side by side; ranks are the places of their ids in ascending order of their bytes. Reference-counted: the memory goes with the last reference.
/// </summary>
internal sealed class Segment
{
    private readonly SegmentMemory _memory;
    private readonly DocumentIds _ids;
    private readonly PackedNumbers _versions;
    private readonly PackedNumbers _seqNos;
    private readonly PackedNumbers? _byRank;
    private readonly StoredSources _sources;
    private readonly Dictionary<string, FieldPostings> _fields = new(StringComparer.Ordinal);
    private int _references = 1;

    private Segment(SegmentMemory memory, string name, bool verifyChecksums, ulong? expectedDigest)
    {
        _memory = memory;
        Name = name;
        var sections = SegmentTable.Read(memory, name, verifyChecksums, expectedDigest, out var documents, out var digest);
        DocumentCount = documents;
        Digest = digest;
        Sections = sections.Values;
        _ids = new DocumentIds(Require(SegmentFormat.Ids), documents);
        long position = 0;
        var versions = Require(SegmentFormat.Versions);
        _versions = new PackedNumbers(versions, ref position, documents);
        _seqNos = new PackedNumbers(versions, ref position, documents);
        _sources = new StoredSources(Require(SegmentFormat.Stored), Require(SegmentFormat.Blocks), documents);
        if (sections.TryGetValue(SegmentFormat.Order, out var order))
        {
            position = 0;
            _byRank = new PackedNumbers(order, ref position, documents);
        }

        Ranks = _byRank is { } byRank ? new DocumentRanks(name, byRank) : new DocumentRanks(name, documents);

        foreach (var section in sections.Values)
        {
            if (section.Name.StartsWith(SegmentFormat.Terms, StringComparison.Ordinal))
            {
                var field = section.Name[SegmentFormat.Terms.Length..];
                _fields.Add(field, new FieldPostings(
                    field, documents, section, Require(SegmentFormat.Postings + field),
                    sections.GetValueOrDefault(SegmentFormat.Bounds + field), sections.GetValueOrDefault(SegmentFormat.Scales + field)));
            }
        }

        Section Require(string section) =>
            sections.TryGetValue(section, out var found) ? found : throw new SegmentCorruptException(name, section, "The section is missing.");
    }

    /// <summary>File name, or a label for a segment in memory.</summary>
    public string Name { get; }

    public int DocumentCount { get; }

    /// <inheritdoc cref="SegmentFiles.SegmentDigest"/>
    public ulong Digest { get; }

    public long SizeInBytes => _memory.Length;

    /// <inheritdoc cref="SegmentMemory.IsMapped"/>
    public bool IsMapped => _memory.IsMapped;

    /// <summary>Of all documents.</summary>
    public DocumentRanks Ranks { get; }

    public IReadOnlyCollection<Section> Sections { get; }

    public IReadOnlyCollection<FieldPostings> Fields => _fields.Values;

    public static Segment OfBytes(byte[] bytes, string name) => Open(SegmentMemory.OfBytes(bytes), name, verifyChecksums: false, expectedDigest: null);

    /// <exception cref="SegmentCorruptException">The file is not a whole segment of this format, or not the one of the digest.</exception>
    public static Segment OfFile(string path, bool verifyChecksums, ulong? expectedDigest = null) =>
        Open(SegmentMemory.Map(path), path, verifyChecksums, expectedDigest);

    public FieldPostings? Field(string name) => _fields.GetValueOrDefault(name);

    /// <summary>Document of a rank.</summary>
    public int DocumentOfRank(int rank)
    {
        var document = _byRank is { } byRank ? (int)byRank[rank] : rank;
        return (uint)document < (uint)DocumentCount ? document : throw new SegmentCorruptException(Name, SegmentFormat.Order, "A document is out of range.");
    }

    /// <summary>UTF-8 bytes of a document's id.</summary>
    /// <param name="document">Which.</param>
    /// <param name="buffer">Room for an id that is not there as text, <see cref="DocumentIds.BufferBytes"/>.</param>
    public ReadOnlySpan<byte> Id(int document, Span<byte> buffer) => _ids.Of(Existing(document), buffer);

    /// <inheritdoc cref="DocumentIds.Hit"/>
    public Hit Hit(int document, double score) => _ids.Hit(Existing(document), score);

    /// <inheritdoc cref="DocumentIds.PrefetchPlace"/>
    public void PrefetchIdPlace(int document) => _ids.PrefetchPlace(document);

    /// <inheritdoc cref="DocumentIds.Prefetch"/>
    public void PrefetchId(int document) => _ids.Prefetch(document);

    public (long Version, long SeqNo) Version(int document) => (_versions[Existing(document)], _seqNos[document]);

    public byte[] Source(int document) => _sources.Read(document);

    /// <summary>Number of the document with this id; -1 when there is none.</summary>
    public int Find(ReadOnlySpan<byte> id)
    {
        Span<byte> buffer = stackalloc byte[DocumentIds.BufferBytes];
        int low = 0, high = DocumentCount - 1;
        while (low <= high)
        {
            var middle = (int)(((uint)low + (uint)high) >> 1);
            var document = DocumentOfRank(middle);
            var order = Id(document, buffer).SequenceCompareTo(id);
            if (order == 0)
            {
                return document;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }

    public StoredDocument Document(int document)
    {
        var (version, seqNo) = Version(document);
        return new StoredDocument(Encoding.UTF8.GetString(Id(document, stackalloc byte[DocumentIds.BufferBytes])), version, seqNo, Source(document));
    }

    /// <summary>False when the last reference has gone.</summary>
    public bool TryAcquire()
    {
        while (true)
        {
            var count = Volatile.Read(ref _references);
            if (count <= 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _references, count + 1, count) == count)
            {
                return true;
            }
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _memory.Dispose();
            Ranks.Free();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Existing(int document) => (uint)document < (uint)DocumentCount ? document : throw Missing(document);

    private SegmentCorruptException Missing(int document) => new(Name, SegmentFormat.Postings, $"A list names document {document} of {DocumentCount}.");

    private static Segment Open(SegmentMemory memory, string name, bool verifyChecksums, ulong? expectedDigest)
    {
        try
        {
            return new Segment(memory, name, verifyChecksums, expectedDigest);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }
}
