using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Splade.Index.Segments;

/// <summary>
/// The ids of a segment's documents: kept as text, or as numbers where all of them are decimal numbers of one form. But for prefetching, documents are known to exist.
/// </summary>
internal sealed unsafe class DocumentIds
{
    /// <summary>Room that the text of a number needs.</summary>
    public const int BufferBytes = 20;

    private const int MaxDigits = 18;
    private const uint NumericKind = 1;

    private readonly bool _isNumeric;
    private readonly int _digits;
    private readonly PackedNumbers _numbers;
    private readonly PackedTexts _texts;

    public DocumentIds(Section section, int documents)
    {
        var kind = section.Number<uint>(0);
        _digits = section.Number<int>(4);
        _isNumeric = kind == NumericKind;
        if (kind > NumericKind || _digits is < 0 or > MaxDigits)
        {
            throw section.Corrupt("Its header is damaged.");
        }

        long position = 8;
        if (_isNumeric)
        {
            _numbers = new PackedNumbers(section, ref position, documents);
        }
        else
        {
            _texts = new PackedTexts(section, ref position, documents);
        }
    }

    /// <summary>UTF-8 bytes of an id.</summary>
    /// <param name="document">Whose.</param>
    /// <param name="buffer">At least <see cref="BufferBytes"/>, which the result may lie in.</param>
    public ReadOnlySpan<byte> Of(int document, Span<byte> buffer)
    {
        if (!_isNumeric)
        {
            return _texts[document];
        }

        var number = (ulong)_numbers.At(document);
        var place = BufferBytes;
        while (place > 0 && (number > 0 || BufferBytes - place < Math.Max(1, _digits)))
        {
            (number, var digit) = Math.DivRem(number, 10);
            buffer[--place] = (byte)('0' + digit);
        }

        return buffer[place..BufferBytes];
    }

    /// <summary>A hit with the id of a document.</summary>
    public Hit Hit(int document, double score)
    {
        if (_isNumeric)
        {
            return new Hit((ulong)_numbers.At(document), Math.Max(1, _digits), score);
        }

        var id = Of(document, []);
        return new Hit((Ascii.IsValid(id) ? Encoding.Latin1 : Encoding.UTF8).GetString(id), score);
    }

    /// <summary>Asks for the memory of where an id is, before <see cref="Prefetch"/>.</summary>
    public void PrefetchPlace(int document)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(_isNumeric ? _numbers.Address(document) : _texts.PlaceOf(document));
        }
    }

    /// <summary>Asks for the memory of an id.</summary>
    public void Prefetch(int document)
    {
        if (Sse.IsSupported && !_isNumeric && (uint)document < (uint)_texts.Count)
        {
            Sse.Prefetch0(_texts.AddressOf(document));
        }
    }

    /// <param name="writer">Where the section has begun.</param>
    /// <param name="text">The ids one after another.</param>
    /// <param name="ends">Where each ends.</param>
    public static void Write(SegmentWriter writer, ReadOnlySpan<byte> text, ReadOnlySpan<int> ends)
    {
        var numbers = Numbers(text, ends, out var digits);
        if (numbers is not null)
        {
            writer.WriteUInt32(NumericKind);
            writer.WriteUInt32((uint)digits);
            PackedNumbers.Write(writer, numbers);
            return;
        }

        writer.WriteUInt32(0);
        writer.WriteUInt32(0);
        PackedTexts.Write(writer, text, ends);
    }

    /// <param name="text">The ids one after another.</param>
    /// <param name="ends">Where each ends.</param>
    /// <param name="digits">Digits of every id, leading zeros counted; 0 when none has leading zeros.</param>
    /// <returns>Null when an id is no decimal number, or when they have different forms.</returns>
    private static long[]? Numbers(ReadOnlySpan<byte> text, ReadOnlySpan<int> ends, out int digits)
    {
        digits = ends.Length == 0 ? 0 : ends[0];
        var plain = true;
        var numbers = new long[ends.Length];
        for (int i = 0, start = 0; i < ends.Length; start = ends[i++])
        {
            var id = text[start..ends[i]];
            if (id.Length is 0 or > MaxDigits || id.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                return null;
            }

            plain &= id.Length == 1 || id[0] != '0';
            digits = id.Length == digits ? digits : 0;
            if (digits == 0 && !plain)
            {
                return null;
            }

            foreach (var digit in id)
            {
                numbers[i] = (numbers[i] * 10) + digit - '0';
            }
        }

        return numbers;
    }
}
