using System.Buffers;
using System.Text;

namespace Splade.Encoding.Passages;

/// <summary>
/// Finds where sentences begin, by punctuation: enough to cut passages at natural places in many languages, no more. Marks of scripts without capitals
/// (Chinese, Japanese, Hindi, Amharic, Armenian, Burmese, Khmer, Tibetan) end a sentence wherever they stand. A blank line ends a sentence,
/// too. Not split: after initials and a few abbreviations, and before a small letter.
/// </summary>
internal static class SentenceBreaks
{
    private const string WideTerminators = "。！？｡．।॥።፧։။។៕།";
    private static readonly SearchValues<char> Candidates = SearchValues.Create(".!?…‽؟۔\n" + WideTerminators);
    private static readonly SearchValues<char> Closers = SearchValues.Create("\"')]}»”’」』）】.!?…‽؟۔" + WideTerminators);
    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "st", "vs", "no", "fig", "figs", "eq", "al", "e.g", "i.e", "cf", "approx", "vol", "pp", "ca", "bzw", "z.b", "nr", "mio", "mrd", "inc", "ltd", "jr", "sr", "art", "sec",
        "sra", "ej", "núm", "т.е", "т.н", "г", "ул", "стр",
    };

    /// <returns>Places in the text, ascending, of the first character of every sentence but the first.</returns>
    public static List<int> Find(string text)
    {
        var starts = new List<int>();
        for (var position = 0; position < text.Length;)
        {
            var found = text.AsSpan(position).IndexOfAny(Candidates);
            if (found < 0)
            {
                break;
            }

            var at = position + found;
            var end = at + 1;
            while (end < text.Length && Closers.Contains(text[end]))
            {
                end++;
            }

            var next = end;
            var lines = text[at] == '\n' ? 1 : 0;
            while (next < text.Length && char.IsWhiteSpace(text[next]))
            {
                lines += text[next++] == '\n' ? 1 : 0;
            }

            if (next < text.Length && (lines >= 2 || (text[at] != '\n' && Ends(text, at, next > end, next))))
            {
                starts.Add(next);
            }

            position = Math.Max(next, at + 1);
        }

        return starts;
    }

    private static bool Ends(string text, int at, bool spaceFollows, int next)
    {
        if (WideTerminators.Contains(text[at], StringComparison.Ordinal))
        {
            return true;
        }

        if (!spaceFollows || (Rune.TryGetRuneAt(text, next, out var rune) && Rune.IsLower(rune)))
        {
            return false;
        }

        if (text[at] != '.')
        {
            return true;
        }

        var start = at;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '.'))
        {
            start--;
        }

        var word = text.AsSpan(start, at - start);
        var isInitial = word.Length == 1 && char.IsUpper(word[0]);
        return !isInitial && !Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);
    }
}
