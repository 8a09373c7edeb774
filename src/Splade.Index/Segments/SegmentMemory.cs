using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>The bytes of a segment: a pinned array, or a file mapped into memory. Slices are bounds-checked.</summary>
internal sealed unsafe class SegmentMemory : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private GCHandle _pin;
    private byte* _pointer;

    private SegmentMemory(byte[] bytes)
    {
        _pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        _pointer = (byte*)_pin.AddrOfPinnedObject();
        Length = bytes.Length;
    }

    private SegmentMemory(MemoryMappedFile file, long length)
    {
        _file = file;
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _pointer);
        _pointer += _view.PointerOffset;
        Length = length;
        HugeBytes = HugePages.Ask(_pointer, length);
    }

    public long Length { get; }

    /// <summary>Bytes that huge pages were asked for.</summary>
    public long HugeBytes { get; private set; }

    public byte* Pointer => _pointer;

    /// <summary>The bytes are a mapped file's: pages that the system may take back.</summary>
    public bool IsMapped => _view is not null;

    public static SegmentMemory OfBytes(byte[] bytes) => new(bytes);

    /// <exception cref="IOException">The file is missing or unreadable.</exception>
    public static SegmentMemory Map(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        if (stream.Length == 0)
        {
            return new SegmentMemory([]);
        }

        var file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return new SegmentMemory(file, stream.Length);
    }

    /// <exception cref="ArgumentOutOfRangeException">The slice does not lie inside.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_pointer == null, this);
        if (offset < 0 || length < 0 || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"A slice of {length} bytes does not fit into {Length}.");
        }

        return new ReadOnlySpan<byte>(_pointer + offset, length);
    }

    public void Dispose()
    {
        if (_pointer == null)
        {
            return;
        }

        _pointer = null;
        if (_view is not null)
        {
            HugePages.Return(HugeBytes);
            HugeBytes = 0;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }
        else
        {
            _pin.Free();
        }
    }
}
