using System.Globalization;
using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>The smallest parts of a regular expression of the reference, inside of brackets and outside: characters, properties, options.</summary>
internal static class PatternReader
{
    /// <summary>
    /// A property by the names of the reference, which may begin with a ^ that negates it. Null for what is none, and for a name that is not known: .NET refuses it.
    /// </summary>
    public static (string Item, bool IsRanges, int End)? Property(string pattern, int start, SetWriter write)
    {
        if (pattern.AsSpan(start) is not ['\\', 'p' or 'P', '{', ..] || pattern.IndexOf('}', start) is not (> 0 and var end))
        {
            return null;
        }

        var name = pattern[(start + 3)..end];
        var negated = (pattern[start + 1] == 'P') != name.StartsWith('^');
        name = name.StartsWith('^') ? name[1..] : name;
        return ScriptClasses.Category(name) is { } category ? ($@"\{(negated ? 'P' : 'p')}{{{category}}}", false, end)
            : ScriptClasses.Find(name) is var (script, ranges) ? (write(script, ranges, negated) ?? "", true, end)
            : null;
    }

    /// <summary>A character as it stands, by its code, or escaped. Null for what is none, as \w, and where .NET knows no such escape.</summary>
    public static (int Value, int End)? Character(string pattern, int start)
    {
        var escaped = pattern[start] == '\\';
        var at = start + (escaped ? 1 : 0);
        if (at == pattern.Length)
        {
            return null;
        }

        if (escaped && char.IsAsciiLetterOrDigit(pattern[at]))
        {
            return pattern[at] switch
            {
                'u' => Code(pattern, at + 1, 4),
                'x' => Code(pattern, at + 1, 2),
                '0' when at + 1 == pattern.Length || !char.IsAsciiDigit(pattern[at + 1]) => (0, at + 1),
                't' => ('\t', at + 1),
                'n' => ('\n', at + 1),
                'v' => ('\v', at + 1),
                'f' => ('\f', at + 1),
                'r' => ('\r', at + 1),
                'a' => ('\a', at + 1),
                'e' => ('\e', at + 1),
                _ => null,
            };
        }

        return Rune.TryGetRuneAt(pattern, at, out var rune) ? (rune.Value, at + rune.Utf16SequenceLength) : (pattern[at], at + 1);
    }

    /// <summary>Where the options of a group end, as (?im: or (?x); null for what has none.</summary>
    public static int? OptionsEnd(string pattern, int open)
    {
        var end = pattern.AsSpan(open) is ['(', '?', ..] ? open + 2 : pattern.Length;
        while (end < pattern.Length && pattern[end] is 'i' or 'm' or 'x' or '-')
        {
            end++;
        }

        return end > open + 2 && end < pattern.Length && pattern[end] is ':' or ')' ? end : null;
    }

    /// <summary>Ranges as <see cref="CodePointSet"/> reads them.</summary>
    public static string Name(List<(int Start, int End)> ranges)
    {
        var result = new StringBuilder();
        var end = -1;
        foreach (var range in ranges.Order())
        {
            // Ranges may lie in one another.
            var start = Math.Max(range.Start, end + 1);
            if (start <= range.End)
            {
                end = range.End;
                result.Append(CultureInfo.InvariantCulture, $"{start:X}-{end:X} ");
            }
        }

        return result.ToString();
    }

    private static (int Value, int End)? Code(string pattern, int start, int digits) =>
        start + digits <= pattern.Length
            && int.TryParse(pattern.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? (value, start + digits)
            : null;
}
