using System.Text;
using System.Text.RegularExpressions;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Regular expressions of the reference's engine (Oniguruma, Ruby's syntax) in the words of .NET's, where the same words mean something else. What has no
/// counterpart is refused.
/// </summary>
internal static partial class ReferencePattern
{
    /// <summary>
    /// <c>\w</c> in brackets: more than that of .NET by marks, letter numbers and letters in circles. Every code point was compared.
    /// </summary>
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";

    /// <summary><c>\w</c> outside of brackets has the superscripts and fractions of Latin-1, too.</summary>
    private const string WordAlone = Word + @"\u00B2\u00B3\u00B9\u00BC-\u00BE";

    /// <summary>The scripts that a pattern names, as <see cref="ScriptClasses.Find"/> gives them.</summary>
    public static IEnumerable<(string Script, string Ranges)> Scripts(string pattern) =>
        Escapes().Matches(pattern).Select(m => ScriptClasses.Find(m.Groups["name"].Value)).OfType<(string, string)>();

    /// <param name="scripts">Those of the pattern; null when it names none.</param>
    /// <exception cref="ArgumentException">Syntax that .NET would take for something else.</exception>
    public static string ToDotNet(string pattern, ScriptStandIns? scripts)
    {
        const string Before = "(?<=[" + WordAlone + "])";
        const string NotBefore = "(?<![" + WordAlone + "])";
        const string After = "(?=[" + WordAlone + "])";
        const string NotAfter = "(?![" + WordAlone + "])";
        var result = new StringBuilder(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '[')
            {
                i = AddBrackets(pattern, i, scripts, result);
                continue;
            }

            if (pattern[i] == '^')
            {
                // The end of a text that ends with a line feed is no start of a line.
                result.Append(@"(?:\A|^(?!\z))");
                continue;
            }

            if (pattern[i] != '\\' || i + 1 == pattern.Length)
            {
                result.Append(pattern[i]);
                continue;
            }

            if (Property(pattern, i, scripts) is { } property)
            {
                result.Append(property.IsRanges ? $"[{property.Item}]" : property.Item);
                i = property.End;
                continue;
            }

            _ = pattern[++i] switch
            {
                'w' => result.Append('[').Append(WordAlone).Append(']'),
                'W' => result.Append("[^").Append(WordAlone).Append(']'),
                'b' => result.Append("(?:" + Before + NotAfter + "|" + NotBefore + After + ")"),
                'B' => result.Append("(?:" + Before + After + "|" + NotBefore + NotAfter + ")"),
                var other => result.Append('\\').Append(other),
            };
        }

        return result.ToString();
    }

    /// <returns>Where the closing bracket is.</returns>
    private static int AddBrackets(string pattern, int open, ScriptStandIns? scripts, StringBuilder result)
    {
        var items = new StringBuilder();
        var first = open + 1;
        var negated = first < pattern.Length && pattern[first] == '^';
        first += negated ? 1 : 0;
        var notWord = false;
        var hyphen = false;
        var i = first;
        for (; i < pattern.Length && (pattern[i] != ']' || i == first); i++)
        {
            if (pattern[i] == '[')
            {
                throw new ArgumentException($"Brackets in brackets, as at character {i}, are not supported (POSIX classes neither): write \\p{{...}}.", nameof(pattern));
            }

            if (pattern[i] == '&' && i + 1 < pattern.Length && pattern[i + 1] == '&')
            {
                throw new ArgumentException($"The intersection && at character {i} is not supported.", nameof(pattern));
            }

            if (pattern[i] != '\\' || i + 1 == pattern.Length)
            {
                hyphen = pattern[i] == '-' && i > first;
                items.Append(pattern[i]);
                continue;
            }

            if (Property(pattern, i, scripts) is { } property)
            {
                items.Append(hyphen && property.IsRanges
                    ? throw new ArgumentException($"The hyphen before the script at character {i} is to be written as \\-.", nameof(pattern))
                    : property.Item);
                (i, hyphen) = (property.End, false);
                continue;
            }

            hyphen = false;
            i++;
            notWord |= pattern[i] == 'W';
            _ = pattern[i] switch
            {
                'w' => items.Append(Word),
                'W' => items,
                var other => items.Append('\\').Append(other),
            };
        }

        if (i == pattern.Length)
        {
            throw new ArgumentException($"The bracket at character {open} is not closed.", nameof(pattern));
        }

        // What is no word can't be put into brackets beside other things.
        _ = (notWord, negated, items.Length) switch
        {
            (false, _, _) => result.Append(negated ? "[^" : "[").Append(items).Append(']'),
            (true, false, 0) => result.Append("[^" + Word + "]"),
            (true, true, 0) => result.Append("[" + Word + "]"),
            (true, false, _) => result.Append("(?:[").Append(items).Append("]|[^" + Word + "])"),
            (true, true, _) => result.Append("[" + Word + "-[").Append(items).Append("]]"),
        };
        return i;
    }

    /// <summary>
    /// A property by the names of the reference, which may begin with a ^ that negates it. Null for what is none, and for a name that is not known: .NET refuses it.
    /// </summary>
    private static (string Item, bool IsRanges, int End)? Property(string pattern, int start, ScriptStandIns? scripts)
    {
        if (pattern.AsSpan(start) is not ['\\', 'p' or 'P', '{', ..] || pattern.IndexOf('}', start) is not (> 0 and var end))
        {
            return null;
        }

        var name = pattern[(start + 3)..end];
        var negated = (pattern[start + 1] == 'P') != name.StartsWith('^');
        name = name.StartsWith('^') ? name[1..] : name;
        return ScriptClasses.Category(name) is { } category ? ($@"\{(negated ? 'P' : 'p')}{{{category}}}", false, end)
            : ScriptClasses.Find(name) is var (script, _) ? (scripts!.Ranges(script, negated), true, end)
            : null;
    }

    [GeneratedRegex(@"\\(?:[pP]\{\^?(?<name>[^}]*)\}|.)", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Escapes();
}
