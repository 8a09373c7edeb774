using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Groups that the reference's regular expressions imply, written out for .NET. A quantifier that ends in a plus: x++ keeps what it took, as (?>x+) does; in Ruby's
/// syntax x{n,m}+ keeps nothing, it repeats: (?:x{n,m})+. And options to the end of a group, which there bind its alternatives: a(?i)b|c is a(?i:b|c).
/// </summary>
internal static class ImpliedGroups
{
    /// <summary>Matches everywhere. .NET takes (?>x+)? for (?>x*), and the like, unless there is something beside the x+.</summary>
    private const string Nothing = "(?!(?!))";

    /// <returns>
    /// The pattern in words of the reference that .NET knows, too. From where it can't be seen for certain what is repeated (back references, comments, free spacing)
    /// it stays as it is: .NET refuses nested quantifiers by name.
    /// </returns>
    /// <exception cref="ArgumentException">A quantifier repeats nothing, or something with a quantifier that is not possessive.</exception>
    public static string WriteOut(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        var groups = new Stack<(int? Start, string Ends)>();

        // Where in the result that begins which a quantifier would repeat, and what ends with the group around it.
        (int? repeated, var ends) = (null, "");
        for (int i = 0, end; i < pattern.Length; i = end)
        {
            if (QuantifierEnd(pattern, i) is { } quantifierEnd)
            {
                end = AddQuantifier(pattern, i, quantifierEnd, ref repeated, result);
                continue;
            }

            if (PartEnd(pattern, i) is not var (partEnd, repeats))
            {
                return ends.Length > 0 || groups.Any(g => g.Ends.Length > 0) ? pattern : result.Append(pattern, i, pattern.Length - i).ToString();
            }

            end = partEnd;
            if (pattern[i] == ')')
            {
                result.Append(ends).Append(')');
                (repeated, ends) = groups.TryPop(out var group) ? group : (null, "");
                continue;
            }

            repeated = repeats ? result.Length : null;
            result.Append(pattern, i, end - i);
            if (pattern[i] == '(' && PatternReader.OptionsEnd(pattern, i) == end)
            {
                result.Append(':');
                (ends, end) = (ends + ')', end + 1);
            }
            else if (pattern[i] == '(')
            {
                groups.Push((repeated, ends));
                (repeated, ends) = (null, "");
            }
        }

        return result.Append(ends).ToString();
    }

    /// <returns>Where to go on.</returns>
    private static int AddQuantifier(string pattern, int start, int end, ref int? repeated, StringBuilder result)
    {
        var isLazy = pattern.AsSpan(end) is ['?', ..];
        if (!isLazy && repeated is { } group && result[^1] == ')' && result.ToString(group, result.Length - group).Contains("(?>", StringComparison.Ordinal))
        {
            result.Insert(result.Length - 1, Nothing);
        }

        if (pattern.AsSpan(end) is not ['+', ..])
        {
            end += isLazy ? 1 : 0;
            result.Append(pattern, start, end - start);
            repeated = null;
            return end;
        }

        if (repeated is not { } from)
        {
            throw new ArgumentException(
                $"The quantifier {pattern[start..(end + 1)]} at character {start} is not supported: what it repeats is to be in a group, (?:...).", nameof(pattern));
        }

        var isInterval = pattern[start] == '{';
        result.Append(pattern, start, end - start).Append(')').Insert(from, isInterval ? "(?:" : "(?>");
        return isInterval ? end : end + 1;
    }

    /// <summary>Where a quantifier ends, without what makes it lazy or possessive; null for what is none.</summary>
    private static int? QuantifierEnd(string pattern, int start)
    {
        if (pattern[start] != '{')
        {
            return pattern[start] is '?' or '*' or '+' ? start + 1 : null;
        }

        var close = pattern.IndexOf('}', start);
        var inside = close < 0 ? "" : pattern[(start + 1)..close];
        var digits = inside.Count(char.IsAsciiDigit);
        var commas = inside.Count(c => c == ',');
        return digits > 0 && commas < 2 && digits + commas == inside.Length ? close + 1 : null;
    }

    /// <summary>
    /// A part of a pattern that is no quantifier, and whether one may repeat it: of a group its head, and whether one may repeat the group. Null for what is not known.
    /// </summary>
    private static (int End, bool Repeats)? PartEnd(string pattern, int start) => pattern[start] switch
    {
        '(' => GroupHead(pattern, start),
        ')' or '|' or '^' or '$' => (start + 1, false),
        '[' => (BracketTranslator.End(pattern, start) + 1, true),
        _ when PatternReader.Character(pattern, start) is var (_, end) => (end, true),
        _ when PatternReader.Property(pattern, start, (_, _, _) => null) is var (_, _, close) => (close + 1, true),
        _ when pattern.AsSpan(start + 1) is ['w' or 'W' or 'd' or 'D' or 's' or 'S', ..] => (start + 2, true),
        _ when pattern.AsSpan(start + 1) is ['A' or 'z' or 'Z' or 'b' or 'B', ..] => (start + 2, false),
        _ => null,
    };

    private static (int End, bool Repeats)? GroupHead(string pattern, int open) => pattern.AsSpan(open + 1) switch
    {
        not ['?', ..] => (open + 1, true),
        ['?', ':' or '>', ..] => (open + 3, true),
        ['?', '=' or '!', ..] => (open + 3, false),
        ['?', '<', '=' or '!', ..] => (open + 4, false),
        ['?', '<', ..] when pattern.IndexOf('>', open) is > 0 and var close => (close + 1, true),

        // Free spacing has comments.
        _ when PatternReader.OptionsEnd(pattern, open) is { } end && pattern.IndexOf('x', open, end - open) < 0 => pattern[end] == ':' ? (end + 1, true) : (end, false),
        _ => null,
    };
}
