using System.IO.Compression;

namespace Splade.Index.Segments;

/// <summary>Sources of documents, deflated in blocks. The block read last is kept, because readers ask for neighbours.</summary>
internal sealed class StoredSources
{
    private readonly Section _stored;
    private readonly Section _blocks;
    private readonly int _blockCount;
    private volatile Tuple<int, byte[]>? _last;

    public StoredSources(Section stored, Section blocks, int documents)
    {
        _stored = stored;
        _blocks = blocks;
        var count = blocks.Number<uint>(0);
        if (blocks.Length != 8 + (count * 16L) + (documents * 12L))
        {
            throw blocks.Corrupt($"{count} blocks and {documents} documents do not fit its {blocks.Length} bytes.");
        }

        _blockCount = (int)count;
    }

    public byte[] Read(int document)
    {
        var place = _blocks.Numbers<int>(8 + (_blockCount * 16L) + (document * 12L), 3);
        int block = place[0], start = place[1], length = place[2];
        if (length == 0)
        {
            return [];
        }

        if ((uint)block >= (uint)_blockCount)
        {
            throw _blocks.Corrupt($"Document {document} points to block {block} of {_blockCount}.");
        }

        var bytes = Block(block);
        if (start < 0 || length < 0 || start > bytes.Length - length)
        {
            throw _blocks.Corrupt($"Document {document} lies outside its block.");
        }

        return bytes.AsSpan(start, length).ToArray();
    }

    private byte[] Block(int block)
    {
        if (_last is { } last && last.Item1 == block)
        {
            return last.Item2;
        }

        var offset = _blocks.Number<long>(8 + (block * 16L));
        var lengths = _blocks.Numbers<int>(8 + (block * 16L) + 8, 2);
        int deflated = lengths[0], raw = lengths[1];

        // Deflate can't shrink by more than about 1,032, so a damaged length can't make us allocate much.
        if (deflated < 0 || raw < 0 || raw > 64L + (deflated * 1100L))
        {
            throw _blocks.Corrupt($"Block {block} claims {raw} bytes.");
        }

        var bytes = _stored.Bytes(offset, deflated).ToArray();
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
