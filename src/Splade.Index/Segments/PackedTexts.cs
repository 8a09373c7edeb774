using System.Runtime.CompilerServices;

namespace Splade.Index.Segments;

/// <summary>Texts one after another and packed where each starts, see <see cref="SegmentFormat"/>.</summary>
internal readonly unsafe struct PackedTexts
{
    private readonly Section _section;
    private readonly PackedNumbers _starts;
    private readonly int _shortest;
    private readonly byte* _text;
    private readonly long _bytes;

    /// <param name="section">Where they are.</param>
    /// <param name="position">Where they start there, a multiple of 8; becomes where they end.</param>
    /// <param name="count">How many they are.</param>
    /// <exception cref="SegmentCorruptException">They do not lie inside the section.</exception>
    public PackedTexts(Section section, ref long position, int count)
    {
        _section = section;
        _shortest = section.Number<int>(position);
        position += 8;
        _starts = new PackedNumbers(section, ref position, count + 1);
        _bytes = Start(count);
        _text = section.Pointer(position, _bytes);
        position += _bytes;
    }

    public int Count => _starts.Count - 1;

    /// <summary>UTF-8 bytes of a text.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var (start, end) = (Start(index), Start(index + 1));
            return start >= 0 && start <= end && end <= _bytes && end - start <= int.MaxValue
                ? new ReadOnlySpan<byte>(_text + start, (int)(end - start))
                : throw _section.Corrupt($"Text {index} lies outside.");
        }
    }

    /// <summary>Where the place of a text is, to ask for its memory.</summary>
    public void* PlaceOf(int index) => _starts.Address(index);

    /// <summary>Where a text is, to ask for its memory; of a damaged file, anywhere.</summary>
    /// <param name="index">Known to be inside.</param>
    public void* AddressOf(int index) => _text + Start(index);

    /// <param name="writer">Where they go.</param>
    /// <param name="text">The texts one after another.</param>
    /// <param name="ends">Where each ends.</param>
    public static void Write(SegmentWriter writer, ReadOnlySpan<byte> text, ReadOnlySpan<int> ends)
    {
        var shortest = ends.Length == 0 ? 0 : int.MaxValue;
        for (var i = 0; i < ends.Length; i++)
        {
            shortest = Math.Min(shortest, ends[i] - (i == 0 ? 0 : ends[i - 1]));
        }

        var starts = new long[ends.Length + 1];
        for (var i = 0; i < ends.Length; i++)
        {
            starts[i + 1] = ends[i] - ((i + 1L) * shortest);
        }

        writer.Align(8);
        writer.WriteUInt32((uint)shortest);
        writer.WriteUInt32(0);
        PackedNumbers.Write(writer, starts);
        writer.Write(text);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Start(int index) => _starts.At(index) + (index * (long)_shortest);
}
