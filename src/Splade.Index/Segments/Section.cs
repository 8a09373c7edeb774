using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>A part of a segment's memory. Reads beyond it are a <see cref="SegmentCorruptException"/> that names it.</summary>
internal sealed unsafe class Section(SegmentMemory memory, string file, string name, long offset, long length)
{
    public string Name { get; } = name;

    public string File { get; } = file;

    public long Length { get; } = length;

    /// <summary>Address of bytes that lie inside; valid while the segment is referenced.</summary>
    public byte* Pointer(long start, long count)
    {
        if (start < 0 || count < 0 || start > Length - count)
        {
            throw Corrupt($"{count} bytes at {start} lie outside its {Length} bytes.");
        }

        return memory.Pointer + offset + start;
    }

    public ReadOnlySpan<byte> Bytes(long start, int count)
    {
        if (start < 0 || count < 0 || start > Length - count)
        {
            throw Corrupt($"{count} bytes at {start} lie outside its {Length} bytes.");
        }

        return memory.Slice(offset + start, count);
    }

    /// <summary>Numbers at a byte position.</summary>
    public ReadOnlySpan<T> Numbers<T>(long start, int count)
        where T : unmanaged
    {
        var size = sizeof(T);
        if (count < 0 || count > Length / size)
        {
            throw Corrupt($"{count} numbers do not fit into its {Length} bytes.");
        }

        return MemoryMarshal.Cast<byte, T>(Bytes(start, count * size));
    }

    public T Number<T>(long start)
        where T : unmanaged => Numbers<T>(start, 1)[0];

    public SegmentCorruptException Corrupt(string message) => new(File, Name, message);
}
