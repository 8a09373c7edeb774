using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>
/// The text clean-up of BERT tokenizers: control characters out, white space to blanks, CJK characters set apart, accents stripped, lower case.
/// </summary>
internal sealed class BertNormalizer : INormalizer
{
    [ThreadStatic]
    private static List<Rune>? _parts;

    private readonly WordPieceOptions _options;
    private readonly bool _stripAccents;

    /// <summary>The same in separate steps, for the rare texts with marks that are no accents to BERT: decomposing puts them in order. Null: not needed.</summary>
    private readonly INormalizer[]? _steps;

    public BertNormalizer(WordPieceOptions options)
        : this(options, ordered: false)
    {
    }

    /// <param name="ordered">Texts are decomposed already.</param>
    private BertNormalizer(WordPieceOptions options, bool ordered)
    {
        _options = options;
        _stripAccents = options.StripAccents ?? options.LowerCase;
        _steps = !_stripAccents || ordered ? null :
        [
            new BertNormalizer(options with { StripAccents = false, LowerCase = false }),
            new UnicodeNormalizer(compose: false, compatible: false),
            new BertNormalizer(options with { CleanText = false, SplitChineseCharacters = false, StripAccents = true }, ordered: true),
        ];
    }

    public bool StaysInWords => true;

    public bool SplitsChineseCharacters => _options.SplitChineseCharacters;

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
            if (!Other(rune, start, end, target))
            {
                target.Clear();
                return NormalizeInSteps(source, target);
            }
        }

        return true;
    }

    private bool NormalizeInSteps(NormalizedText source, NormalizedText target)
    {
        foreach (var step in _steps!.AsSpan()[..^1])
        {
            var next = new NormalizedText();
            source = step.Normalize(source, next) ? next : source;
        }

        return _steps![^1].Normalize(source, target);
    }

    private void Ascii(char c, int start, int end, NormalizedText result)
    {
        if (_options.CleanText)
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

        result.Add(_options.LowerCase && c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c, start, end);
    }

    /// <returns>False: a mark stays, and may have to change places with its neighbours.</returns>
    private bool Other(Rune rune, int start, int end, NormalizedText result)
    {
        if (_options.CleanText)
        {
            if (BertCharacters.Removed.Contains(rune.Value))
            {
                return true;
            }

            if (BertCharacters.IsWhiteSpace(rune))
            {
                result.Add(' ', start, end);
                return true;
            }
        }

        var chinese = _options.SplitChineseCharacters && BertCharacters.IsChinese(rune.Value);
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
                if (BertCharacters.Marks.Contains(part.Value))
                {
                    continue;
                }

                if (_steps is not null && UnicodeData.Instance.CombiningClass(part.Value) != 0)
                {
                    return false;
                }

                Lower(part, start, end, result);
            }
        }

        if (chinese)
        {
            result.Add(' ', start, end);
        }

        return true;
    }

    private void Lower(Rune rune, int start, int end, NormalizedText result)
    {
        if (_options.LowerCase)
        {
            LowerCaseNormalizer.Add(rune, start, end, result);
        }
        else
        {
            result.Add(rune, start, end);
        }
    }
}
