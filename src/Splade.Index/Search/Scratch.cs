using System.Runtime.CompilerServices;

namespace Splade.Index.Search;

/// <summary>Memory of a search, aligned to 64 bytes and kept by its thread, so that a query allocates nothing.</summary>
internal sealed unsafe class Scratch<T>
    where T : unmanaged
{
    private const int Alignment = 64;
    private byte[] _bytes = [];

    public T* Pointer { get; private set; }

    public int Length { get; private set; }

    /// <summary>At least so many elements, of undefined content.</summary>
    public T* Ensure(int length)
    {
        if (length > Length)
        {
            _bytes = GC.AllocateUninitializedArray<byte>((length * Unsafe.SizeOf<T>()) + Alignment, pinned: true);
            var address = (nint)Unsafe.AsPointer(ref _bytes[0]);
            Pointer = (T*)((address + Alignment - 1) & -Alignment);
            Length = length;
        }

        return Pointer;
    }
}
