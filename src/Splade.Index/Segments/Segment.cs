using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Splade.Index.Segments;

/// <summary>
/// An open, immutable segment, in memory or mapped from a file. Document numbers are 0 to <see cref="DocumentCount"/> - 1, similar documents
/// side by side; ranks are the places of their ids in ascending order. Reference-counted: the memory goes with the last reference.
/// </summary>
internal sealed unsafe class Segment
{
    private readonly SegmentMemory _memory;
    private readonly Section _ids;
    private readonly Section _versions;
    private readonly int* _ranks;
    private readonly int* _byRank;
    private readonly StoredSources _sources;
    private readonly Dictionary<string, FieldPostings> _fields = new(StringComparer.Ordinal);
    private int _references = 1;

    private Segment(SegmentMemory memory, string name, bool verifyChecksums)
    {
        _memory = memory;
        Name = name;
        var sections = SegmentTable.Read(memory, name, verifyChecksums, out var documents);
        DocumentCount = documents;
        _ids = Require(SegmentFormat.Ids);
        _versions = Require(SegmentFormat.Versions);
        _sources = new StoredSources(Require(SegmentFormat.Stored), Require(SegmentFormat.Blocks), documents);
        _ids.Numbers<uint>(0, documents + 1);
        _versions.Numbers<long>(0, documents * 2);
        if (sections.TryGetValue(SegmentFormat.Order, out var order))
        {
            _ranks = (int*)order.Pointer(0, documents * 8L);
            _byRank = _ranks + documents;
        }

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

    public long SizeInBytes => _memory.Length;

    public IReadOnlyCollection<FieldPostings> Fields => _fields.Values;

    public static Segment OfBytes(byte[] bytes, string name) => Open(SegmentMemory.OfBytes(bytes), name, verifyChecksums: false);

    /// <exception cref="SegmentCorruptException">The file is not a whole segment of this format.</exception>
    public static Segment OfFile(string path, bool verifyChecksums) => Open(SegmentMemory.Map(path), path, verifyChecksums);

    public FieldPostings? Field(string name) => _fields.GetValueOrDefault(name);

    /// <summary>Place of a document's id among all ids of the segment.</summary>
    public int Rank(int document) => _ranks == null ? document : _ranks[document];

    /// <summary>Asks for the memory of a document's rank.</summary>
    public void PrefetchRank(int document)
    {
        if (Sse.IsSupported && _ranks != null)
        {
            Sse.Prefetch0(_ranks + document);
        }
    }

    /// <summary>Document of a rank.</summary>
    public int DocumentOfRank(int rank)
    {
        var document = _byRank == null ? rank : _byRank[rank];
        return (uint)document < (uint)DocumentCount ? document : throw new SegmentCorruptException(Name, SegmentFormat.Order, "A document is out of range.");
    }

    /// <summary>UTF-8 bytes of a document's id.</summary>
    public ReadOnlySpan<byte> Id(int document)
    {
        var offsets = _ids.Numbers<uint>(document * 4L, 2);
        return _ids.Bytes(((DocumentCount + 1) * 4L) + offsets[0], (int)Math.Clamp(offsets[1] - (long)offsets[0], -1, int.MaxValue));
    }

    /// <summary>Asks for the memory of where a document's id is, before <see cref="PrefetchId"/>.</summary>
    public void PrefetchIdOffset(int document)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(_ids.Pointer(document * 4L, 8));
        }
    }

    /// <summary>Asks for the memory of an id.</summary>
    public void PrefetchId(int document)
    {
        if (Sse.IsSupported)
        {
            fixed (byte* id = Id(document))
            {
                Sse.Prefetch0(id);
            }
        }
    }

    public (long Version, long SeqNo) Version(int document)
    {
        var pair = _versions.Numbers<long>(document * 16L, 2);
        return (pair[0], pair[1]);
    }

    public byte[] Source(int document) => _sources.Read(document);

    /// <summary>Number of the document with this id; -1 when there is none.</summary>
    public int Find(ReadOnlySpan<byte> id)
    {
        int low = 0, high = DocumentCount - 1;
        while (low <= high)
        {
            var middle = (int)(((uint)low + (uint)high) >> 1);
            var document = DocumentOfRank(middle);
            var order = Id(document).SequenceCompareTo(id);
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
        return new StoredDocument(Encoding.UTF8.GetString(Id(document)), version, seqNo, Source(document));
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
        }
    }

    private static Segment Open(SegmentMemory memory, string name, bool verifyChecksums)
    {
        try
        {
            return new Segment(memory, name, verifyChecksums);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }
}
