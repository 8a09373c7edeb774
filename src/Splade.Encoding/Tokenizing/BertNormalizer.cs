using System.Globalization;
using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// The text clean-up of BERT tokenizers (Hugging Face's BertNormalizer): control characters out, white space to blanks, CJK characters set apart,
/// accents stripped, lower case. Every normalised character keeps the place that it came from.
/// </summary>
internal sealed class BertNormalizer(WordPieceOptions options)
{
    private readonly bool _stripAccents = options.StripAccents ?? options.LowerCase;

    public void Normalize(ReadOnlySpan<char> text, int offset, NormalizedText result)
    {
        for (var position = 0; position < text.Length;)
        {
            var c = text[position];
            if (c < 0x80)
            {
                Ascii(c, offset + position, result);
                position++;
                continue;
            }

            var status = Rune.DecodeFromUtf16(text[position..], out var rune, out var length);
            var start = offset + position;
            position += length;

            // A lone surrogate can't be in UTF-8 text; it is treated as the replacement character, which is removed.
            if (status == System.Buffers.OperationStatus.Done)
            {
                Other(rune, start, offset + position, result);
            }
        }
    }

    internal static bool IsWhiteSpace(Rune rune) => rune.Value is '\t' or '\n' or '\r' || Rune.IsWhiteSpace(rune);

    internal static bool IsPunctuation(Rune rune) =>
        (rune.IsAscii && (char.IsPunctuation((char)rune.Value) || char.IsSymbol((char)rune.Value)))
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;

    private static bool IsControl(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse;

    /// <summary>Code points that are never assigned; .NET refuses to decompose them.</summary>
    private static bool IsNonCharacter(int c) => (c & 0xFFFE) == 0xFFFE || c is >= 0xFDD0 and <= 0xFDEF;

    private static bool IsChinese(int c) =>
        c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private void Ascii(char c, int place, NormalizedText result)
    {
        if (c is '\t' or '\n' or '\r')
        {
            c = ' ';
        }
        else if (options.CleanText && (c < 0x20 || c == 0x7F))
        {
            return;
        }

        result.Add(options.LowerCase && c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c, place, place + 1);
    }

    private void Other(Rune rune, int start, int end, NormalizedText result)
    {
        if (options.CleanText)
        {
            if (rune.Value == 0xFFFD || IsControl(rune))
            {
                return;
            }

            if (IsWhiteSpace(rune))
            {
                result.Add(' ', start, end);
                return;
            }
        }

        var chinese = options.SplitChineseCharacters && IsChinese(rune.Value);
        if (chinese)
        {
            result.Add(' ', start, end);
        }

        Span<char> buffer = stackalloc char[2];
        if (!_stripAccents || IsNonCharacter(rune.Value))
        {
            Lower(buffer[..rune.EncodeToUtf16(buffer)], start, end, result);
        }
        else
        {
            foreach (var part in rune.ToString().Normalize(NormalizationForm.FormD).EnumerateRunes())
            {
                if (Rune.GetUnicodeCategory(part) != UnicodeCategory.NonSpacingMark)
                {
                    Lower(buffer[..part.EncodeToUtf16(buffer)], start, end, result);
                }
            }
        }

        if (chinese)
        {
            result.Add(' ', start, end);
        }
    }

    private void Lower(ReadOnlySpan<char> rune, int start, int end, NormalizedText result)
    {
        if (options.LowerCase && rune is "\u0130")
        {
            // The only code point whose lower case is two (İ -> i and a combining dot above).
            result.Add('i', start, end);
            result.Add('\u0307', start, end);
            return;
        }

        Span<char> lowered = stackalloc char[2];
        var length = options.LowerCase ? Rune.ToLowerInvariant(Rune.GetRuneAt(rune.ToString(), 0)).EncodeToUtf16(lowered) : 0;
        foreach (var c in options.LowerCase ? lowered[..length] : rune)
        {
            result.Add(c, start, end);
        }
    }
}

/// <summary>Normalised characters with the [start, end) of the original text that each came from.</summary>
internal sealed class NormalizedText
{
    private char[] _characters = new char[256];
    private int[] _starts = new int[256];
    private int[] _ends = new int[256];

    public int Length { get; private set; }

    public ReadOnlySpan<char> Characters => _characters.AsSpan(0, Length);

    public void Add(char c, int start, int end)
    {
        if (Length == _characters.Length)
        {
            Array.Resize(ref _characters, Length * 2);
            Array.Resize(ref _starts, Length * 2);
            Array.Resize(ref _ends, Length * 2);
        }

        _characters[Length] = c;
        _starts[Length] = start;
        _ends[Length++] = end;
    }

    public void Clear() => Length = 0;

    public int Start(int index) => _starts[index];

    public int End(int index) => _ends[index];
}
