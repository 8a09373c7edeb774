using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Splade.Index.Segments;

/// <summary>Writes one segment front to back, see <see cref="SegmentFormat"/>. Documents first, then fields, each by a <see cref="FieldWriter"/>.</summary>
internal sealed class SegmentWriter
{
    private readonly Stream _output;
    private readonly XxHash64 _hash = new();
    private readonly List<(string Name, long Offset, long Length, ulong Hash)> _sections = [];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _buffered;
    private readonly int _documents;
    private long _position;
    private long _sectionStart;
    private string _section = "";

    public SegmentWriter(Stream output, int documents)
    {
        _output = output;
        _documents = documents;
        Write(SegmentFormat.Magic);
        WriteUInt16(SegmentFormat.Version);
    }

    public int Documents => _documents;

    /// <summary>Shared by the fields, for it is large.</summary>
    public LargestWeights LargestWeights { get; } = new();

    /// <summary>Bytes of the open section so far.</summary>
    public long SectionPosition => _position - _sectionStart;

    /// <summary>Writes ids, versions and sources. Called once, before any field.</summary>
    /// <param name="document">Document of a number; numbers are asked in ascending order, once.</param>
    /// <param name="source">Source of a number, asked in ascending order.</param>
    /// <param name="ranks">Place of each document among the ascending ids; null when they are in that order.</param>
    /// <param name="cancellationToken">Ends it between documents.</param>
    public void WriteDocuments(DocumentHead document, Func<int, ReadOnlyMemory<byte>> source, int[]? ranks, CancellationToken cancellationToken)
    {
        var ids = new ArrayBufferWriter<byte>();
        var ends = new int[_documents];
        var versions = new long[_documents];
        var seqNos = new long[_documents];
        Span<byte> buffer = stackalloc byte[DocumentIds.BufferBytes];
        for (var i = 0; i < _documents; i++)
        {
            ids.Write(document(i, buffer, out versions[i], out seqNos[i]));
            ends[i] = ids.WrittenCount;
        }

        Begin(SegmentFormat.Ids);
        DocumentIds.Write(this, ids.WrittenSpan, ends);
        End();
        WriteOrder(ranks);
        Begin(SegmentFormat.Versions);
        PackedNumbers.Write(this, versions);
        PackedNumbers.Write(this, seqNos);
        End();
        StoredSources.Write(this, source, _documents, cancellationToken);
    }

    /// <summary>Writes the table and the tail. Nothing may follow.</summary>
    public void Finish()
    {
        Begin(SegmentFormat.Table);
        var tableOffset = _position;
        WriteUInt32((uint)_sections.Count);
        foreach (var (name, offset, length, hash) in _sections)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            WriteUInt16((ushort)bytes.Length);
            Write(bytes);
            WriteUInt64((ulong)offset);
            WriteUInt64((ulong)length);
            WriteUInt64(hash);
        }

        FlushBuffer();
        var tableHash = _hash.GetCurrentHashAsUInt64();
        WriteUInt64((ulong)tableOffset);
        WriteUInt64(tableHash);
        WriteUInt32((uint)_documents);
        WriteUInt32(0);
        Write(SegmentFormat.EndMagic);
        WriteUInt16(SegmentFormat.Version);
        FlushBuffer();
        _output.Flush();
    }

    private void WriteOrder(int[]? ranks)
    {
        if (ranks is null)
        {
            return;
        }

        var byRank = new long[ranks.Length];
        for (var i = 0; i < ranks.Length; i++)
        {
            byRank[ranks[i]] = i;
        }

        Begin(SegmentFormat.Order);
        PackedNumbers.Write(this, byRank);
        End();
    }

    public void Begin(string section)
    {
        Align(SegmentFormat.Alignment);
        FlushBuffer();
        _section = section;
        _sectionStart = _position;
        _hash.Reset();
    }

    public void End()
    {
        FlushBuffer();
        _sections.Add((_section, _sectionStart, _position - _sectionStart, _hash.GetCurrentHashAsUInt64()));
    }

    public void Align(int bytes)
    {
        while (_position % bytes != 0)
        {
            WriteByte(0);
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var part = Math.Min(bytes.Length, _buffer.Length);
            bytes[..part].CopyTo(Reserve(part));
            bytes = bytes[part..];
        }
    }

    public void WriteByte(byte value) => Reserve(1)[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    private Span<byte> Reserve(int bytes)
    {
        if (_buffered + bytes > _buffer.Length)
        {
            FlushBuffer();
        }

        var span = _buffer.AsSpan(_buffered, bytes);
        _buffered += bytes;
        _position += bytes;
        return span;
    }

    private void FlushBuffer()
    {
        _hash.Append(_buffer.AsSpan(0, _buffered));
        _output.Write(_buffer, 0, _buffered);
        _buffered = 0;
    }
}

/// <summary>Id, version and sequence number of a document.</summary>
/// <param name="number">Its number.</param>
/// <param name="buffer">Room for an id that is not there as text, <see cref="DocumentIds.BufferBytes"/>.</param>
/// <param name="version">Its version.</param>
/// <param name="seqNo">Its sequence number.</param>
/// <returns>UTF-8 bytes of the id, used before the next call.</returns>
internal delegate ReadOnlySpan<byte> DocumentHead(int number, Span<byte> buffer, out long version, out long seqNo);
