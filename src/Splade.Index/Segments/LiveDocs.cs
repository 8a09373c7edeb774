using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>An immutable bitmap of the deleted documents of a segment. Changes make a copy, so readers keep what they saw.</summary>
internal sealed class LiveDocs
{
    private const int HeaderBytes = 16;
    private readonly ulong[] _deleted;

    private LiveDocs(ulong[] deleted, int documents, int deletedCount)
    {
        _deleted = deleted;
        DocumentCount = documents;
        DeletedCount = deletedCount;
    }

    public int DocumentCount { get; }

    public int DeletedCount { get; }

    public int LiveCount => DocumentCount - DeletedCount;

    /// <summary>One bit a document, set where it is deleted; empty when nothing is.</summary>
    public ReadOnlySpan<ulong> DeletedWords => _deleted;

    public static LiveDocs AllLive(int documents) => new([], documents, 0);

    public static LiveDocs OfDeleted(ulong[] deleted, int documents)
    {
        var count = 0;
        foreach (var word in deleted)
        {
            count += BitOperations.PopCount(word);
        }

        return count == 0 ? AllLive(documents) : new LiveDocs(deleted, documents, count);
    }

    public bool IsDeleted(int document) => _deleted.Length != 0 && (_deleted[document >> 6] >> (document & 63) & 1) != 0;

    /// <summary>A copy of the bitmap that may be written to.</summary>
    public ulong[] CopyDeleted()
    {
        var copy = new ulong[(DocumentCount + 63) / 64];
        _deleted.CopyTo(copy, 0);
        return copy;
    }

    /// <summary>The file: magic "SPLLIV" + u16 version, i32 documents, i32 deleted, words, u64 XxHash64 of all before.</summary>
    public byte[] ToBytes()
    {
        var words = CopyDeleted();
        var bytes = new byte[HeaderBytes + (words.Length * 8) + 8];
        SegmentFormat.LiveMagic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), SegmentFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), DocumentCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), DeletedCount);
        MemoryMarshal.AsBytes(words.AsSpan()).CopyTo(bytes.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8), XxHash64.HashToUInt64(bytes.AsSpan(0, bytes.Length - 8)));
        return bytes;
    }

    /// <summary>Digest of the file's bytes, see <see cref="SegmentFiles.LiveDigest"/>.</summary>
    public static ulong DigestOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..]);

    /// <exception cref="SegmentCorruptException">
    /// The file does not belong to a segment of so many documents, is damaged, or is not the one of the digest.
    /// </exception>
    public static LiveDocs OfFile(string path, int documents, ulong? expectedDigest, out ulong digest)
    {
        const string section = "live documents";
        var words = (documents + 63) / 64;
        var length = HeaderBytes + (words * 8L) + 8;
        if (new FileInfo(path).Length != length)
        {
            throw new SegmentCorruptException(path, section, $"It should have {length} bytes for {documents} documents.");
        }

        var bytes = System.IO.File.ReadAllBytes(path);
        SegmentTable.CheckMagic(bytes, SegmentFormat.LiveMagic, path, section);
        digest = DigestOf(bytes);
        if (XxHash64.HashToUInt64(bytes.AsSpan(0, bytes.Length - 8)) != digest
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) != documents)
        {
            throw new SegmentCorruptException(path, section, "The checksum does not match, or it belongs to another segment.");
        }

        SegmentTable.CheckDigest(digest, expectedDigest, path, section, "live-documents file");

        return OfDeleted(MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan(HeaderBytes, words * 8)).ToArray(), documents);
    }
}
