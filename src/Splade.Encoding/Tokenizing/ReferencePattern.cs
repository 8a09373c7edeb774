using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Regular expressions of the reference's engine (Oniguruma, Ruby's syntax) in the words of .NET's, where the same words mean something else. What has no
/// counterpart is refused.
/// </summary>
internal static class ReferencePattern
{
    /// <summary><c>\w</c> outside of brackets has the superscripts and fractions of Latin-1, too.</summary>
    private const string WordAlone = BracketTranslator.Word + @"\u00B2\u00B3\u00B9\u00BC-\u00BE";

    /// <returns>The pattern, and what is matched for characters beyond the basic plane; null for the usual.</returns>
    /// <exception cref="ArgumentException">Syntax that .NET would take for something else.</exception>
    public static (string Pattern, StandIns? StandIns) ToDotNet(string pattern)
    {
        var sets = new List<(string Name, string Ranges)>();
        var matter = false;
        Translate(pattern, (name, ranges, _) =>
        {
            sets.Add((name, ranges));
            matter |= name != ranges || StandIns.Matter(ranges);
            return null;
        });
        var standIns = matter ? StandIns.For(sets) : null;
        return (Translate(ImpliedGroups.WriteOut(pattern), (name, _, negated) => standIns?.Ranges(name, negated)), standIns);
    }

    private static string Translate(string pattern, SetWriter write)
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
                i = BracketTranslator.Add(pattern, i, write, result);
                continue;
            }

            if (pattern[i] == '(' && PatternReader.OptionsEnd(pattern, i) is { } end)
            {
                // Ruby's m lets a dot be a line feed, which is .NET's s. Its other m is always on.
                result.Append(pattern[i..end].Replace('m', 's'));
                i = end - 1;
                continue;
            }

            if (pattern[i] == '{' && Quantifier(pattern, i) is { } quantifier)
            {
                result.Append(quantifier);
                continue;
            }

            if (pattern[i] == '^')
            {
                // The end of a text that ends with a line feed is no start of a line.
                result.Append(@"(?:\A|^(?!\z))");
                continue;
            }

            if (PatternReader.Character(pattern, i) is (>= StandIns.First, _) character)
            {
                var name = PatternReader.Name([(character.Value, character.Value)]);
                result.Append(write(name, name, false) is { } ranges ? $"[{ranges}]" : pattern[i..character.End]);
                i = character.End - 1;
                continue;
            }

            if (pattern[i] != '\\' || i + 1 == pattern.Length)
            {
                result.Append(pattern[i]);
                continue;
            }

            if (PatternReader.Property(pattern, i, write) is { } property)
            {
                result.Append(property.IsRanges ? $"[{property.Item}]" : property.Item);
                i = property.End;
                continue;
            }

            _ = pattern[++i] switch
            {
                'G' => throw new ArgumentException($"The anchor \\G at character {i - 1} is not supported.", nameof(pattern)),
                'w' => result.Append('[').Append(WordAlone).Append(']'),
                'W' => result.Append("[^").Append(WordAlone).Append(']'),
                'b' => result.Append("(?:" + Before + NotAfter + "|" + NotBefore + After + ")"),
                'B' => result.Append("(?:" + Before + After + "|" + NotBefore + NotAfter + ")"),
                var other => result.Append('\\').Append(other),
            };
        }

        return result.ToString();
    }

    /// <summary>How the quantifier {,n} begins in .NET; null for any other.</summary>
    /// <exception cref="ArgumentException">{n}?, which is greedy in Ruby: n times or not at all.</exception>
    private static string? Quantifier(string pattern, int open)
    {
        var close = pattern.IndexOf('}', open);
        var inside = close < 0 ? "" : pattern[(open + 1)..close];
        if (inside.Length > 0 && inside.All(char.IsAsciiDigit) && pattern.AsSpan(close + 1) is ['?', ..])
        {
            throw new ArgumentException($"The quantifier {{{inside}}}? at character {open} is not supported: write (?:...{{{inside}}})?.", nameof(pattern));
        }

        return inside.Length > 1 && inside[0] == ',' && inside.Skip(1).All(char.IsAsciiDigit) ? "{0" : null;
    }
}
