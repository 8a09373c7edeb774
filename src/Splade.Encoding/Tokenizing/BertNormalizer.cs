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

        if (!_stripAccents || BertCharacters.StaysWhole(rune.Value))
        {
            Lower(rune, start, end, result);
        }
        else
        {
            // The longest canonical decomposition of a code point has four.
            Span<char> whole = stackalloc char[2];
            Span<char> parts = stackalloc char[16];
            whole = whole[..rune.EncodeToUtf16(whole)];
            parts = ((ReadOnlySpan<char>)whole).TryNormalize(parts, out var length, NormalizationForm.FormD) ? parts[..length] : whole;
            foreach (var part in parts.EnumerateRunes())
            {
                if (!BertCharacters.Marks.Contains(part.Value))
                {
                    Lower(part, start, end, result);
                }
            }
        }

        if (chinese)
        {
            result.Add(' ', start, end);
        }
    }

    private void Lower(Rune rune, int start, int end, NormalizedText result)
    {
        if (options.LowerCase && rune.Value == 0x130)
        {
            // The only code point whose lower case is two (İ -> i and a combining dot above).
            result.Add('i', start, end);
            result.Add('\u0307', start, end);
            return;
        }

        Span<char> buffer = stackalloc char[2];
        foreach (var c in buffer[..(options.LowerCase ? BertCharacters.Lower(rune) : rune).EncodeToUtf16(buffer)])
        {
            result.Add(c, start, end);
        }
    }
}
