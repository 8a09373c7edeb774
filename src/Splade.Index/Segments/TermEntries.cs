using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>Entries of terms, each of as many bits as the segment's largest numbers need: a rare term's entry takes more than its postings otherwise.</summary>
internal readonly unsafe struct TermEntries
{
    private const int HeaderBytes = 8;
    private const int KindBits = 2;

    private readonly byte* _records;
    private readonly int _offsetBits;
    private readonly int _numberBits;
    private readonly int _keyBits;
    private readonly int _leastKey;

    /// <param name="section">Where they are.</param>
    /// <param name="position">Where they start there; becomes where they end.</param>
    /// <param name="count">How many they are.</param>
    /// <exception cref="SegmentCorruptException">They do not lie inside the section.</exception>
    public TermEntries(Section section, ref long position, int count)
    {
        var header = section.Bytes(position, HeaderBytes);
        (_offsetBits, _numberBits, _keyBits) = (header[0], header[1], header[2]);
        _leastKey = MemoryMarshal.Read<ushort>(header[4..]);
        if (_offsetBits > PackedNumbers.MaxUnalignedBits - KindBits || _numberBits > 32 || _keyBits > 16)
        {
            throw section.Corrupt("Its entries claim impossible bits.");
        }

        Bits = KindBits + _offsetBits + _numberBits + _keyBits + WeightBounds.SharesBits;
        var bytes = HeaderBytes + PackedNumbers.WordBytes(count, Bits);
        _records = section.Pointer(position, bytes) + HeaderBytes;
        position += bytes;
    }

    /// <summary>Bits of an entry.</summary>
    public int Bits { get; }

    /// <summary>Where the entry of a term is, to ask for its memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Address(long term) => _records + ((term * Bits) >> 3);

    /// <summary>Offset and kind of a term's list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (long Offset, ListKind Kind) Place(int term)
    {
        var place = Read((long)term * Bits, KindBits + _offsetBits);
        return ((long)(place >> KindBits), (ListKind)(place & ((1 << KindBits) - 1)));
    }

    /// <summary>The rest of an entry.</summary>
    /// <param name="term">Position of the term.</param>
    /// <param name="number">Of a flat list its documents, less 1; of others the number of the row of bounds among those of its kind.</param>
    public WeightBounds Weights(int term, out uint number)
    {
        var bit = ((long)term * Bits) + KindBits + _offsetBits;
        number = (uint)Read(bit, _numberBits);
        var weights = Read(bit + _numberBits, _keyBits + WeightBounds.SharesBits);
        return new WeightBounds(
            (ushort)(_leastKey + (int)(weights & ((1u << _keyBits) - 1))), (ushort)((weights >> _keyBits) & ((1u << WeightBounds.SharesBits) - 1)));
    }

    public static void Write(SegmentWriter writer, ReadOnlySpan<TermEntry> entries)
    {
        long offset = 0, number = 0;
        ushort leastKey = ushort.MaxValue, largestKey = 0;
        foreach (ref readonly var entry in entries)
        {
            offset = Math.Max(offset, entry.Offset);
            number = Math.Max(number, Number(entry));
            leastKey = Math.Min(leastKey, entry.Weights.Key);
            largestKey = Math.Max(largestKey, entry.Weights.Key);
        }

        leastKey = Math.Min(leastKey, largestKey);
        var (offsetBits, numberBits, keyBits) = (BitsOf(offset), BitsOf(number), BitsOf(largestKey - leastKey));
        writer.Align(8);
        writer.WriteByte((byte)offsetBits);
        writer.WriteByte((byte)numberBits);
        writer.WriteByte((byte)keyBits);
        writer.WriteByte(0);
        writer.WriteUInt16(leastKey);
        writer.WriteUInt16(0);
        var output = new BitWriter(writer);
        foreach (ref readonly var entry in entries)
        {
            output.Write((ulong)entry.Kind, KindBits);
            output.Write((ulong)entry.Offset, offsetBits);
            output.Write((ulong)Number(entry), numberBits);
            output.Write((ulong)(entry.Weights.Key - leastKey), keyBits);
            output.Write(entry.Weights.Shares, WeightBounds.SharesBits);
        }

        output.Finish();
        writer.WriteUInt64(0);
    }

    private static long Number(in TermEntry entry) => entry.Kind == ListKind.Flat ? entry.Frequency - 1 : entry.Row;

    private static int BitsOf(long number) => 64 - BitOperations.LeadingZeroCount((ulong)number);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Read(long bit, int bits) => (Unsafe.ReadUnaligned<ulong>(_records + (bit >> 3)) >> (int)(bit & 7)) & ((1ul << bits) - 1);
}
