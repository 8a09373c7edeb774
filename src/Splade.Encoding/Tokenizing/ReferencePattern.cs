using System.Globalization;
using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Regular expressions of the reference's engine (Oniguruma, Ruby's syntax) in the words of .NET's, where the same words mean something else. What has no
/// counterpart is refused.
/// </summary>
internal static class ReferencePattern
{
    /// <summary>
    /// <c>\w</c> in brackets: more than that of .NET by marks, letter numbers and letters in circles. Every code point was compared.
    /// </summary>
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";

    /// <summary><c>\w</c> outside of brackets has the superscripts and fractions of Latin-1, too.</summary>
    private const string WordAlone = Word + @"\u00B2\u00B3\u00B9\u00BC-\u00BE";

    /// <summary>Writes a set of characters as the ranges of an item in brackets; null leaves it as it stands.</summary>
    private delegate string? SetWriter(string name, string ranges, bool negated);

    /// <returns>The pattern, and what is matched for characters beyond the basic plane; null for the usual.</returns>
    /// <exception cref="ArgumentException">Syntax that .NET would take for something else.</exception>
    public static (string Pattern, StandIns? StandIns) ToDotNet(string pattern)
    {
        var sets = new List<(string Name, string Ranges)>();
        var matter = false;
        var asItStands = Translate(pattern, (name, ranges, _) =>
        {
            sets.Add((name, ranges));
            matter |= name != ranges || StandIns.Matter(ranges);
            return null;
        });
        if (!matter)
        {
            return (asItStands, null);
        }

        var standIns = StandIns.For(sets);
        return (Translate(pattern, (name, _, negated) => standIns.Ranges(name, negated)), standIns);
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
                i = AddBrackets(pattern, i, write, result);
                continue;
            }

            if (pattern[i] == '(' && OptionsEnd(pattern, i) is { } end)
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

            if (Character(pattern, i) is (>= StandIns.First, _) character)
            {
                var name = Name([(character.Value, character.Value)]);
                result.Append(write(name, name, false) is { } ranges ? $"[{ranges}]" : pattern[i..character.End]);
                i = character.End - 1;
                continue;
            }

            if (pattern[i] != '\\' || i + 1 == pattern.Length)
            {
                result.Append(pattern[i]);
                continue;
            }

            if (Property(pattern, i, write) is { } property)
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

    /// <summary>Where the options of a group end, as (?im: or (?x); null for what has none.</summary>
    private static int? OptionsEnd(string pattern, int open)
    {
        var end = pattern.AsSpan(open) is ['(', '?', ..] ? open + 2 : pattern.Length;
        while (end < pattern.Length && pattern[end] is 'i' or 'm' or 'x' or '-')
        {
            end++;
        }

        return end > open + 2 && end < pattern.Length && pattern[end] is ':' or ')' ? end : null;
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

    /// <returns>Where the closing bracket is.</returns>
    private static int AddBrackets(string pattern, int open, SetWriter write, StringBuilder result)
    {
        var items = new StringBuilder();
        var characters = new List<(int Start, int End)>();
        var asTheyStand = new StringBuilder();
        var first = open + 1;
        var negated = first < pattern.Length && pattern[first] == '^';
        first += negated ? 1 : 0;
        var notWord = false;
        var hyphen = false;
        var i = first;
        var inner = 0;
        for (; i < pattern.Length && (pattern[i] != ']' || i == first || inner > 0); i++)
        {
            // Brackets in brackets are a union.
            if (pattern[i] == '[' || (pattern[i] == ']' && inner > 0))
            {
                inner += pattern[i] == '[' ? 1 : -1;
                if (pattern[i] == '[' ? hyphen || pattern.AsSpan(i + 1) is ['^' or ':' or ']', ..] : pattern.AsSpan(i + 1) is ['-', ..])
                {
                    throw new ArgumentException(
                        $"The brackets in brackets at character {i} are not supported: negated or empty, a POSIX class (write \\p{{...}}), or beside a hyphen.", nameof(pattern));
                }

                continue;
            }

            if (pattern[i] == '&' && i + 1 < pattern.Length && pattern[i + 1] == '&')
            {
                throw new ArgumentException($"The intersection && at character {i} is not supported.", nameof(pattern));
            }

            if (Range(pattern, i) is { } range)
            {
                hyphen = range.End == i + 1 && pattern[i] == '-' && i > first;
                if (range.Last >= StandIns.First)
                {
                    characters.Add((range.Start, range.Last));
                    asTheyStand.Append(pattern, i, range.End - i);
                }
                else
                {
                    // What these two mean depends on what is put beside them.
                    items.Append(pattern[i] is '-' or '^' ? "\\" : "").Append(pattern, i, range.End - i);
                }

                i = range.End - 1;
                continue;
            }

            if (i + 1 == pattern.Length)
            {
                continue;
            }

            if (Property(pattern, i, write) is { } property)
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

        if (characters.Count > 0)
        {
            var name = Name(characters);
            items.Append(write(name, name, false) ?? asTheyStand.ToString());
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
    private static (string Item, bool IsRanges, int End)? Property(string pattern, int start, SetWriter write)
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

    /// <summary>A character or a range of them in brackets. Null for what is none, as \w.</summary>
    private static (int Start, int Last, int End)? Range(string pattern, int start)
    {
        if (Character(pattern, start) is not var (first, end))
        {
            return null;
        }

        if (pattern.AsSpan(end) is not ['-', not (']' or '['), ..] || Character(pattern, end + 1) is not var (last, rangeEnd))
        {
            return (first, first, end);
        }

        return first <= last ? (first, last, rangeEnd)
            : throw new ArgumentException($"The range {pattern[start..rangeEnd]} at character {start} is empty.", nameof(pattern));
    }

    /// <summary>A character as it stands, by its code, or escaped. Null for what is none, as \w, and where .NET knows no such escape.</summary>
    private static (int Value, int End)? Character(string pattern, int start)
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

    private static (int Value, int End)? Code(string pattern, int start, int digits) =>
        start + digits <= pattern.Length
            && int.TryParse(pattern.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? (value, start + digits)
            : null;

    /// <summary>Ranges as <see cref="CodePointSet"/> reads them.</summary>
    private static string Name(List<(int Start, int End)> ranges)
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
}
