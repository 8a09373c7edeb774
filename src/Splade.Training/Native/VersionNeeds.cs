using System.Buffers.Binary;

namespace Splade.Training.Native;

/// <summary>
/// The symbol versions that a shared library (64-bit little-endian ELF) needs of others: section .gnu.version_r, Linux Standard Base Core
/// Specification, "Symbol Versioning".
/// </summary>
internal static class VersionNeeds
{
    private const uint SectionType = 0x6ffffffe;
    private const ushort Weak = 2;

    /// <summary>
    /// Marks a needed version as weak: the loader then takes a library that lacks it, as long as no symbol of that version is used.
    /// </summary>
    /// <returns>Whether the library needs the version at all.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such library.</exception>
    public static bool MakeOptional(Span<byte> library, string version)
    {
        if (library.Length < 64 || !library[..4].SequenceEqual("\u007FELF"u8) || library[4] != 2 || library[5] != 1)
        {
            throw new InvalidDataException("The file is no 64-bit little-endian ELF library.");
        }

        try
        {
            return MakeOptional(library, System.Text.Encoding.ASCII.GetBytes(version));
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new InvalidDataException("The ELF library is cut off or damaged.", exception);
        }
    }

    private static bool MakeOptional(Span<byte> library, ReadOnlySpan<byte> version)
    {
        var sections = checked((int)ReadInt64(library, 0x28));
        int sectionSize = ReadUInt16(library, 0x3A), count = ReadUInt16(library, 0x3C);
        var found = false;
        for (var i = 0; i < count; i++)
        {
            var header = sections + (i * sectionSize);
            if (ReadUInt32(library, header + 4) != SectionType)
            {
                continue;
            }

            var strings = checked((int)ReadInt64(library, sections + ((int)ReadUInt32(library, header + 0x28) * sectionSize) + 0x18));
            var need = checked((int)ReadInt64(library, header + 0x18));
            for (uint next; ; need += (int)next)
            {
                var entry = need + (int)ReadUInt32(library, need + 8);
                for (var left = ReadUInt16(library, need + 2); left > 0; left--)
                {
                    var name = library[(strings + (int)ReadUInt32(library, entry + 8))..];
                    if (name[..name.IndexOf((byte)0)].SequenceEqual(version))
                    {
                        BinaryPrimitives.WriteUInt16LittleEndian(library[(entry + 4)..], (ushort)(ReadUInt16(library, entry + 4) | Weak));
                        found = true;
                    }

                    entry += (int)ReadUInt32(library, entry + 12);
                }

                next = ReadUInt32(library, need + 12);
                if (next == 0)
                {
                    break;
                }
            }
        }

        return found;
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long ReadInt64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
