using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Splade.Index.Segments;

/// <summary>Reads the table of a segment file and checks everything that a damaged file may claim.</summary>
internal static class SegmentTable
{
    /// <param name="memory">The file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="verifyChecksums">Reads all sections.</param>
    /// <param name="expectedDigest">Digest that the file must have, see <see cref="SegmentFiles.SegmentDigest"/>; null for any.</param>
    /// <param name="documents">Documents of the segment.</param>
    /// <param name="digest">Digest that it has.</param>
    public static Dictionary<string, Section> Read(
        SegmentMemory memory, string file, bool verifyChecksums, ulong? expectedDigest, out int documents, out ulong digest)
    {
        if (memory.Length < SegmentFormat.HeaderLength + SegmentFormat.TailLength)
        {
            throw new SegmentCorruptException(file, "header", $"{memory.Length} bytes are too few for a segment: the file is truncated.");
        }

        CheckMagic(memory.Slice(0, SegmentFormat.HeaderLength), SegmentFormat.Magic, file, "header");
        var tail = memory.Slice(memory.Length - SegmentFormat.TailLength, SegmentFormat.TailLength);
        CheckMagic(tail[24..], SegmentFormat.EndMagic, file, "tail");
        var tableOffset = BinaryPrimitives.ReadInt64LittleEndian(tail);
        var tableLength = memory.Length - SegmentFormat.TailLength - tableOffset;
        documents = BinaryPrimitives.ReadInt32LittleEndian(tail[16..]);
        if (tableOffset < SegmentFormat.HeaderLength || tableLength < 4 || tableLength > int.MaxValue || documents < 0)
        {
            throw new SegmentCorruptException(file, "tail", "It points outside the file.");
        }

        var table = memory.Slice(tableOffset, (int)tableLength);
        digest = XxHash64.HashToUInt64(table);
        if (digest != BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]))
        {
            throw new SegmentCorruptException(file, SegmentFormat.Table, "The checksum does not match.");
        }

        CheckDigest(digest, expectedDigest, file, SegmentFormat.Table, "segment");

        var sections = new Dictionary<string, Section>(StringComparer.Ordinal);
        try
        {
            var count = BinaryPrimitives.ReadUInt32LittleEndian(table);
            table = table[4..];
            for (var i = 0; i < count; i++)
            {
                var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(table);
                var name = Encoding.UTF8.GetString(table.Slice(2, nameLength));
                table = table[(2 + nameLength)..];
                var offset = BinaryPrimitives.ReadInt64LittleEndian(table);
                var length = BinaryPrimitives.ReadInt64LittleEndian(table[8..]);
                var hash = BinaryPrimitives.ReadUInt64LittleEndian(table[16..]);
                table = table[24..];
                if (offset < SegmentFormat.HeaderLength || length < 0 || offset > tableOffset - length)
                {
                    throw new SegmentCorruptException(file, name, "It lies outside the file.");
                }

                if (verifyChecksums)
                {
                    Verify(memory, file, name, offset, length, hash);
                }

                sections.Add(name, new Section(memory, file, name, offset, length));
            }
        }
        catch (ArgumentException exception)
        {
            throw new SegmentCorruptException(file, SegmentFormat.Table, exception.Message);
        }

        return sections;
    }

    public static void CheckMagic(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> magic, string file, string section)
    {
        if (!bytes[..magic.Length].SequenceEqual(magic))
        {
            throw new SegmentCorruptException(file, section, "This is no segment file, or it is truncated or overwritten.");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[magic.Length..]);
        if (version != SegmentFormat.Version)
        {
            throw new SegmentCorruptException(file, section, $"Format version {version} is not readable: this program reads version {SegmentFormat.Version}.");
        }
    }

    /// <summary>Refuses a whole file that is not the one that was published under its name.</summary>
    public static void CheckDigest(ulong digest, ulong? expected, string file, string section, string kind)
    {
        if (expected is not null && digest != expected)
        {
            throw new SegmentCorruptException(
                file, section,
                $"The file is whole, but it is another {kind} than the one that the shard's manifest names (its digest is {digest:x16}, not {expected:x16}).");
        }
    }

    private static void Verify(SegmentMemory memory, string file, string name, long offset, long length, ulong expected)
    {
        var hash = new XxHash64();
        for (var done = 0L; done < length;)
        {
            var part = (int)Math.Min(length - done, 1 << 20);
            hash.Append(memory.Slice(offset + done, part));
            done += part;
        }

        if (hash.GetCurrentHashAsUInt64() != expected)
        {
            throw new SegmentCorruptException(file, name, "The checksum does not match.");
        }
    }
}
