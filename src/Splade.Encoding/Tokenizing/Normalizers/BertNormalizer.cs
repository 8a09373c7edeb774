using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>
/// The text clean-up of BERT tokenizers: control characters out, white space to blanks, CJK characters set apart, accents stripped, lower case.
/// </summary>
internal sealed class BertNormalizer(WordPieceOptions options) : INormalizer
{
    private readonly bool _stripAccents = options.StripAccents ?? options.LowerCase;

    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        var text = source.Characters;
        for (var position = 0; position < text.Length;)
        {
            var (start, end) = (source.Start(position), source.End(position));
            var c = text[position];
            if (c < 0x80)
            {
                Ascii(c, start, end, target);
                position++;
                continue;
            }

            var rune = source.RuneAt(position, out var length);
            position += length;
            Other(rune, start, end, target);
        }

        return true;
    }

    private void Ascii(char c, int start, int end, NormalizedText result)
    {
        if (options.CleanText)
        {
            if (c is '\t' or '\n' or '\r')
            {
                c = ' ';
            }
            else if (c < 0x20 || c == 0x7F)
            {
                return;
            }
        }

        result.Add(options.LowerCase && c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c, start, end);
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

        if (!_stripAccents)
        {
            Lower(rune, start, end, result);
        }
        else
        {
            var parts = _parts ??= [];
            parts.Clear();
            UnicodeData.Instance.Decompose(rune, compatible: false, parts);
            foreach (var part in parts)
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

    [ThreadStatic]
    private static List<Rune>? _parts;

    private void Lower(Rune rune, int start, int end, NormalizedText result)
    {
        if (options.LowerCase)
        {
            LowerCaseNormalizer.Add(rune, start, end, result);
        }
        else
        {
            result.Add(rune, start, end);
        }
    }
}
