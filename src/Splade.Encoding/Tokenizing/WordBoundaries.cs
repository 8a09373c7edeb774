using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Characters at which BERT's pre-tokenizer cuts whatever is around them, and that no normalization form changes or joins to what follows: a text can be cut there
/// before it is normalized. Blanks, ASCII punctuation, Chinese characters, and the common marks of Chinese and Japanese.
/// </summary>
internal static class WordBoundaries
{
    private static readonly Kind[] Ascii = [.. Enumerable.Range(0, 128).Select(c => AsciiKind((char)c))];

    public enum Kind : byte
    {
        /// <summary>Letters, digits, and control characters, which a clean-up takes out of a word.</summary>
        Inside = 0,
        Blank = 1,
        Punctuation = 2,
        Ideograph = 3,
    }

    public static Kind Of(char c) => c < 128 ? Ascii[c] : c < '\u3001' ? Kind.Inside : Late(c);

    /// <summary>It may become another character with a mark that follows: &lt;, = and &gt; with a stroke through them.</summary>
    public static bool MayBeStruckThrough(char c) => c is >= '<' and <= '>';

    /// <summary>
    /// Whether a regular expression matches the same in a text and in each of its words: it takes at least one character, and neither what it takes nor what it looks at
    /// can be a boundary. Said of what needs no escape, wildcard, anchor or negated bracket.
    /// </summary>
    public static bool StaysInWords(string pattern)
    {
        var position = 0;
        return Alternatives(pattern, ref position, out var takes) && takes && position == pattern.Length;
    }

    public static bool IsInside(char c) => char.IsAsciiLetterOrDigit(c) || (c >= 128 && !char.IsSurrogate(c) && Of(c) == Kind.Inside);

    private static Kind AsciiKind(char c) =>
        c is ' ' or '\t' or '\n' or '\r' ? Kind.Blank : BertCharacters.IsPunctuation(new Rune(c)) ? Kind.Punctuation : Kind.Inside;

    private static Kind Late(char c) => c switch
    {
        >= '\u4E00' and <= '\u9FFF' => Kind.Ideograph,
        <= '\u3003' or (>= '\u3008' and <= '\u3011') or '\u30FB' or '\uFF01' or '\uFF08' or '\uFF09' or '\uFF0C' or '\uFF1A' or '\uFF1B' or '\uFF1F' => Kind.Punctuation,
        _ => Kind.Inside,
    };

    /// <param name="takes">Each alternative takes a character.</param>
    private static bool Alternatives(string pattern, ref int position, out bool takes)
    {
        (takes, var sequence) = (true, false);
        while (position < pattern.Length && pattern[position] != ')')
        {
            if (pattern[position] == '|')
            {
                (takes, sequence) = (takes && sequence, false);
                position++;
            }
            else if (!Item(pattern, ref position, ref sequence))
            {
                return false;
            }
        }

        takes &= sequence;
        return true;
    }

    private static bool Item(string pattern, ref int position, ref bool takes)
    {
        var c = pattern[position++];
        var taken = true;
        if (c == '(')
        {
            var rest = pattern.AsSpan(position);
            var head = rest is ['?', ':', ..] or ['?', '=', ..] or ['?', '!', ..] ? 2 : rest is ['?', '<', '=' or '!', ..] ? 3 : 0;
            var looks = head == 3 || rest is ['?', '=' or '!', ..];
            position += head;
            if ((rest is ['?', ..] && head == 0) || !Alternatives(pattern, ref position, out taken) || position == pattern.Length)
            {
                return false;
            }

            position++;
            taken &= !looks;
        }
        else if (c == '[' ? !Bracket(pattern, ref position) : !IsInside(c))
        {
            return false;
        }

        takes |= taken;
        return Quantifier(pattern, ref position);
    }

    /// <summary>Not one that allows nothing at all.</summary>
    private static bool Quantifier(string pattern, ref int position)
    {
        if (position < pattern.Length && pattern[position] == '+')
        {
            position++;
        }
        else if (position < pattern.Length && pattern[position] == '{')
        {
            var end = pattern.IndexOf('}', position);
            if (end < 0 || pattern[position + 1] is < '1' or > '9' || pattern.AsSpan(position + 1, end - position - 1).Trim("0123456789") is not ("" or ","))
            {
                return false;
            }

            position = end + 1;
        }

        return true;
    }

    private static bool Bracket(string pattern, ref int position)
    {
        for (var first = position; position < pattern.Length; position++)
        {
            var from = pattern[position];
            if (from == ']')
            {
                position++;
                return position > first + 1;
            }

            var to = position + 2 < pattern.Length && pattern[position + 1] == '-' ? pattern[position += 2] : from;
            for (int c = from; c <= to; c++)
            {
                if (!IsInside((char)c))
                {
                    return false;
                }
            }
        }

        return false;
    }
}
