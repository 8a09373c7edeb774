using System.Text;

namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>Splits words at delimiters.</summary>
/// <param name="invert">The matches are the words, and what is between them the delimiters.</param>
internal sealed class SplitPreTokenizer(IDelimiter delimiter, SplitBehavior behavior, bool invert = false) : IPreTokenizer
{
    [ThreadStatic]
    private static List<(int Start, int End, bool Delimiter)>? _parts;

    public void Split(PreTokenizedText text) => text.Cut(Cut);

    private void Cut(NormalizedText text, int start, int end, List<(int Start, int End)> words)
    {
        var parts = _parts ??= [];
        parts.Clear();
        var position = 0;
        using (var matches = delimiter.Find(text.Characters[start..end]))
        {
            foreach (var (from, to) in matches.Ranges)
            {
                AddGap(position, from);
                parts.Add((from, to, !invert));
                position = to;
            }
        }

        AddGap(position, end - start);
        Merge(parts, start, words);

        void AddGap(int from, int to)
        {
            if (from < to)
            {
                parts.Add((from, to, invert));
            }
        }
    }

    private void Merge(List<(int Start, int End, bool Delimiter)> parts, int offset, List<(int Start, int End)> words)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var (start, end, isDelimiter) = parts[i];
            switch (behavior)
            {
                case SplitBehavior.Removed when isDelimiter:
                    continue;
                case SplitBehavior.Contiguous:
                    while (i + 1 < parts.Count && parts[i + 1].Delimiter == isDelimiter)
                    {
                        end = parts[++i].End;
                    }

                    break;
                case SplitBehavior.MergedWithPrevious when !isDelimiter && i + 1 < parts.Count && parts[i + 1].Delimiter:
                    end = parts[++i].End;
                    break;
                case SplitBehavior.MergedWithNext when isDelimiter && i + 1 < parts.Count && !parts[i + 1].Delimiter:
                    end = parts[++i].End;
                    break;
                default:
                    break;
            }

            // An empty match is no word, but it parts what is around it.
            if (start < end)
            {
                words.Add((offset + start, offset + end));
            }
        }
    }
}

/// <summary>What to split at.</summary>
internal interface IDelimiter
{
    TextPattern.MatchList Find(ReadOnlySpan<char> text);
}

/// <summary>Matches of a literal or regular expression.</summary>
internal sealed class PatternDelimiter(TextPattern pattern) : IDelimiter
{
    public TextPattern.MatchList Find(ReadOnlySpan<char> text) => pattern.Matches(text);
}

/// <summary>Each code point of a class.</summary>
internal sealed class CharacterDelimiter(Func<Rune, bool> isDelimiter) : IDelimiter
{
    public TextPattern.MatchList Find(ReadOnlySpan<char> text)
    {
        var matches = TextPattern.MatchList.Rent();
        for (var position = 0; position < text.Length;)
        {
            Rune.DecodeFromUtf16(text[position..], out var rune, out var length);
            if (isDelimiter(rune))
            {
                matches.Add(position, position + length);
            }

            position += length;
        }

        return matches;
    }
}
