using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
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
    /// <param name="document">Document of a number; numbers are asked in ascending order, once for each section.</param>
    /// <param name="source">Source of a number.</param>
    /// <param name="ranks">Place of each document among the ascending ids; null when they are in that order.</param>
    public void WriteDocuments(
        Func<int, (ReadOnlyMemory<byte> Id, long Version, long SeqNo)> document,
        Func<int, ReadOnlyMemory<byte>> source,
        int[]? ranks,
        CancellationToken cancellationToken)
    {
        Begin(SegmentFormat.Ids);
        uint offset = 0;
        WriteUInt32(0);
        for (var i = 0; i < _documents; i++)
        {
            offset = checked(offset + (uint)document(i).Id.Length);
            WriteUInt32(offset);
        }

        for (var i = 0; i < _documents; i++)
        {
            Write(document(i).Id.Span);
        }

        End();
        WriteOrder(ranks);
        Begin(SegmentFormat.Versions);
        for (var i = 0; i < _documents; i++)
        {
            var (_, version, seqNo) = document(i);
            WriteUInt64((ulong)version);
            WriteUInt64((ulong)seqNo);
        }

        End();
        WriteSources(source, cancellationToken);
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

        var byRank = new int[ranks.Length];
        for (var i = 0; i < ranks.Length; i++)
        {
            byRank[ranks[i]] = i;
        }

        Begin(SegmentFormat.Order);
        Write(MemoryMarshal.AsBytes(ranks.AsSpan()));
        Write(MemoryMarshal.AsBytes(byRank.AsSpan()));
        End();
    }

    private void WriteSources(Func<int, ReadOnlyMemory<byte>> source, CancellationToken cancellationToken)
    {
        var blocks = new List<(long Offset, int Deflated, int Raw)>();
        var places = new (int Block, int Start, int Length)[_documents];
        using var raw = new MemoryStream();
        using var deflated = new MemoryStream();
        Begin(SegmentFormat.Stored);
        for (var i = 0; i < _documents; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = source(i);
            places[i] = (blocks.Count, (int)raw.Length, bytes.Length);
            raw.Write(bytes.Span);
            if (raw.Length >= SegmentFormat.StoredBlockBytes)
            {
                FlushBlock();
            }
        }

        FlushBlock();
        End();
        Begin(SegmentFormat.Blocks);
        WriteUInt32((uint)blocks.Count);
        WriteUInt32(0);
        foreach (var (offset, deflatedBytes, rawBytes) in blocks)
        {
            WriteUInt64((ulong)offset);
            WriteUInt32((uint)deflatedBytes);
            WriteUInt32((uint)rawBytes);
        }

        foreach (var (block, start, length) in places)
        {
            WriteUInt32((uint)block);
            WriteUInt32((uint)start);
            WriteUInt32((uint)length);
        }

        End();

        void FlushBlock()
        {
            if (raw.Length == 0)
            {
                return;
            }

            deflated.SetLength(0);
            using (var deflate = new DeflateStream(deflated, CompressionLevel.Fastest, leaveOpen: true))
            {
                deflate.Write(raw.GetBuffer(), 0, (int)raw.Length);
            }

            blocks.Add((_position - _sectionStart, (int)deflated.Length, (int)raw.Length));
            Write(deflated.GetBuffer().AsSpan(0, (int)deflated.Length));
            raw.SetLength(0);
        }
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
            Reserve(1)[0] = 0;
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
