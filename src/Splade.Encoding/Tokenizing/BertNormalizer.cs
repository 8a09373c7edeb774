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
            if (BertCharacters.Removed.Contains(rune.Value))
            {
                return;
            }

            if (BertCharacters.IsWhiteSpace(rune))
            {
                result.Add(' ', start, end);
                return;
            }
        }

        var chinese = options.SplitChineseCharacters && BertCharacters.IsChinese(rune.Value);
        if (chinese)
        {
            result.Add(' ', start, end);
        }

        Span<char> buffer = stackalloc char[2];
        if (!_stripAccents || BertCharacters.StaysWhole(rune.Value))
        {
            Lower(buffer[..rune.EncodeToUtf16(buffer)], start, end, result);
        }
        else
        {
            foreach (var part in rune.ToString().Normalize(NormalizationForm.FormD).EnumerateRunes())
            {
                if (!BertCharacters.Marks.Contains(part.Value))
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
        var length = options.LowerCase ? BertCharacters.Lower(Rune.GetRuneAt(rune.ToString(), 0)).EncodeToUtf16(lowered) : 0;
        foreach (var c in options.LowerCase ? lowered[..length] : rune)
        {
            result.Add(c, start, end);
        }
    }
}
