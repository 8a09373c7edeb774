using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>Sources of documents, deflated in blocks. The block read last is kept, because readers ask for neighbours.</summary>
internal sealed class StoredSources
{
    private readonly Section _stored;
    private readonly Section _blocks;
    private readonly int _blockCount;
    private readonly PackedNumbers _offsets;
    private readonly PackedNumbers _firsts;
    private readonly PackedNumbers _starts;
    private volatile Tuple<int, byte[]>? _last;

    public StoredSources(Section stored, Section blocks, int documents)
    {
        _stored = stored;
        _blocks = blocks;
        _blockCount = blocks.Number<int>(0);
        if (_blockCount < 0 || _blockCount > documents)
        {
            throw blocks.Corrupt($"It claims {_blockCount} blocks for {documents} documents.");
        }

        long position = 8;
        _offsets = new PackedNumbers(blocks, ref position, _blockCount + 1);
        _firsts = new PackedNumbers(blocks, ref position, _blockCount + 1);
        _starts = new PackedNumbers(blocks, ref position, documents + 1);
    }

    public byte[] Read(int document)
    {
        long start = _starts[document], end = _starts[document + 1];
        if (start == end)
        {
            return [];
        }

        var block = BlockOf(start);
        var bytes = Block(block);
        var first = _firsts[block];
        if (start < first || end < start || end - first > bytes.Length)
        {
            throw _blocks.Corrupt($"Document {document} lies outside its block.");
        }

        return bytes.AsSpan((int)(start - first), (int)(end - start)).ToArray();
    }

    /// <summary>Writes the sections of the sources.</summary>
    public static void Write(SegmentWriter writer, Func<int, ReadOnlyMemory<byte>> source, int documents, CancellationToken cancellationToken)
    {
        List<long> offsets = [0], firsts = [0];
        var starts = new long[documents + 1];
        using var raw = new MemoryStream();
        using var deflated = new MemoryStream();
        writer.Begin(SegmentFormat.Stored);
        for (var i = 0; i < documents; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            raw.Write(source(i).Span);
            starts[i + 1] = firsts[^1] + raw.Length;
            if (raw.Length >= SegmentFormat.StoredBlockBytes)
            {
                FlushBlock();
            }
        }

        FlushBlock();
        writer.End();
        writer.Begin(SegmentFormat.Blocks);
        writer.WriteUInt32((uint)(offsets.Count - 1));
        writer.WriteUInt32(0);
        PackedNumbers.Write(writer, CollectionsMarshal.AsSpan(offsets));
        PackedNumbers.Write(writer, CollectionsMarshal.AsSpan(firsts));
        PackedNumbers.Write(writer, starts);
        writer.End();

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

            writer.Write(deflated.GetBuffer().AsSpan(0, (int)deflated.Length));
            offsets.Add(writer.SectionPosition);
            firsts.Add(firsts[^1] + raw.Length);
            raw.SetLength(0);
        }
    }

    /// <summary>The block that a place in all sources lies in.</summary>
    private int BlockOf(long start)
    {
        int low = 0, high = _blockCount - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            (low, high) = _firsts[middle] <= start ? (middle, high) : (low, middle - 1);
        }

        return high < 0 ? throw _blocks.Corrupt("It has sources but no blocks.") : low;
    }

    private byte[] Block(int block)
    {
        if (_last is { } last && last.Item1 == block)
        {
            return last.Item2;
        }

        var offset = _offsets[block];
        long deflated = _offsets[block + 1] - offset, raw = _firsts[block + 1] - _firsts[block];

        // Deflate can't shrink by more than about 1,032, so a damaged length can't make us allocate much.
        if (deflated is < 0 or > int.MaxValue || raw < 0 || raw > 64L + (deflated * 1100L) || raw > Array.MaxLength)
        {
            throw _blocks.Corrupt($"Block {block} claims {raw} bytes.");
        }

        var bytes = _stored.Bytes(offset, (int)deflated).ToArray();
        var result = new byte[raw];
        try
        {
            using var stream = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
            stream.ReadExactly(result);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw _stored.Corrupt($"Block {block}: {exception.Message}");
        }

        _last = Tuple.Create(block, result);
        return result;
    }
}
