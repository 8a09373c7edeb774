using System.Runtime.CompilerServices;

namespace Splade.Index.Segments;

/// <summary>Numbers of equally many bits each, side by side, counted from the smallest one (frame of reference); laid out as <see cref="SegmentFormat"/> says.</summary>
internal readonly unsafe struct PackedNumbers
{
    public const int HeaderBytes = 16;

    /// <summary>More bits than one load at any bit of a byte yields become 64.</summary>
    public const int MaxUnalignedBits = 56;

    private readonly byte* _words;
    private readonly ulong _least;
    private readonly ulong _mask;
    private readonly int _bits;

    /// <param name="section">Where they are.</param>
    /// <param name="position">Where they start there, a multiple of 8; becomes where they end.</param>
    /// <param name="count">How many they are.</param>
    /// <exception cref="SegmentCorruptException">They do not lie inside the section.</exception>
    public PackedNumbers(Section section, ref long position, int count)
    {
        _least = section.Number<ulong>(position);
        _bits = section.Number<int>(position + 8);
        if (_bits is < 0 or > MaxUnalignedBits and not 64)
        {
            throw section.Corrupt($"Its numbers claim {_bits} bits each.");
        }

        Count = count;
        _mask = _bits == 64 ? ulong.MaxValue : (1UL << _bits) - 1;
        var bytes = Bytes(count, _bits);
        _words = section.Pointer(position, bytes) + HeaderBytes;
        position += bytes;
    }

    public int Count { get; }

    public long this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return At(index);
        }
    }

    /// <summary>The same where the index is known to be inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long At(int index)
    {
        var bit = index * (long)_bits;
        return (long)(_least + ((Unsafe.ReadUnaligned<ulong>(_words + (bit >> 3)) >> (int)(bit & 7)) & _mask));
    }

    /// <summary>Where a number is, to ask for its memory.</summary>
    public void* Address(int index) => _words + (index * (long)_bits >> 3);

    /// <summary>Bytes of so many numbers with their header.</summary>
    public static long Bytes(int count, int bits) => HeaderBytes + WordBytes(count, bits);

    /// <summary>Bytes of words with so many times so many bits. A word of zero follows, so that a load at any number stays inside.</summary>
    public static long WordBytes(int count, int bits) => (((count * (long)bits) + 63) / 64 * 8) + 8;

    public static void Write(SegmentWriter writer, ReadOnlySpan<long> numbers)
    {
        long least = numbers.Length == 0 ? 0 : long.MaxValue, largest = long.MinValue;
        foreach (var number in numbers)
        {
            least = Math.Min(least, number);
            largest = Math.Max(largest, number);
        }

        var bits = numbers.Length == 0 ? 0 : 64 - (int)ulong.LeadingZeroCount((ulong)largest - (ulong)least);
        bits = bits > MaxUnalignedBits ? 64 : bits;
        writer.Align(8);
        writer.WriteUInt64((ulong)least);
        writer.WriteUInt32((uint)bits);
        writer.WriteUInt32(0);
        var output = new BitWriter(writer);
        foreach (var number in numbers)
        {
            output.Write((ulong)number - (ulong)least, bits);
        }

        output.Finish();
        writer.WriteUInt64(0);
    }
}
