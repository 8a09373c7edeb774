using System.Text;
using System.Text.RegularExpressions;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// A literal or a regular expression of a tokenizer file. Patterns are untrusted, so they run under a time limit. .NET matches UTF-16 units
/// and the reference code points, so where a text has surrogate pairs a stand-in of the same class from the basic plane is matched for each.
/// </summary>
internal sealed class TextPattern
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    [ThreadStatic]
    private static List<(int Start, int End)>? _free;

    private readonly string? _literal;
    private readonly Regex? _regex;
    private readonly StandIns? _standIns;

    private TextPattern(string? literal, Regex? regex, bool staysInWords, StandIns? standIns = null)
    {
        _literal = literal;
        _regex = regex;
        _standIns = standIns;
        StaysInWords = staysInWords;
    }

    /// <summary>It matches the same in a text and in each of its words: <see cref="WordBoundaries"/>.</summary>
    public bool StaysInWords { get; }

    public static TextPattern Literal(string text) => new(text, null, text.Length > 0 && text.All(WordBoundaries.IsInside));

    /// <exception cref="ArgumentException">The pattern can't be run here: bad syntax, or syntax that .NET lacks.</exception>
    public static TextPattern Expression(string pattern)
    {
        // Ruby's ^ and $ are those of a line. Compiled, as .NET 10's interpreter loses count of groups that are repeated lazily and may take nothing:
        // (?:a*)+?b*|c* never ends, nor keeps the time limit.
        const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Compiled;
        var staysInWords = WordBoundaries.StaysInWords(pattern);
        (pattern, var standIns) = ReferencePattern.ToDotNet(pattern);

        // Not RegexOptions.NonBacktracking: that of .NET 10 misses matches, as that of a?[^ac]+ at the b of "xacbcy".
        return new TextPattern(null, new Regex(pattern, Options, TimeLimit), staysInWords, standIns);
    }

    /// <exception cref="TokenizationException">A regular expression took too long.</exception>
    public MatchList Matches(ReadOnlySpan<char> text)
    {
        var result = MatchList.Rent();
        if (_literal is not null)
        {
            AddLiteral(text, _literal, result);
            return result;
        }

        try
        {
            if (text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0 || _standIns?.Moves(text) == true)
            {
                MatchCodePoints(text, result);
            }
            else
            {
                foreach (var match in _regex!.EnumerateMatches(text))
                {
                    result.Add(match.Index, match.Index + match.Length);
                }
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new TokenizationException($"The tokenizer's pattern [{_regex}] took more than {TimeLimit.TotalSeconds} s for a text of {text.Length} characters.", exception);
        }

        return result;
    }

    /// <summary>An empty literal is at every border of code points, as in the reference.</summary>
    private static void AddLiteral(ReadOnlySpan<char> text, string literal, MatchList result)
    {
        for (var from = 0; literal.Length > 0 && text[from..].IndexOf(literal, StringComparison.Ordinal) is >= 0 and var at;)
        {
            result.Add(from + at, from + at + literal.Length);
            from += at + literal.Length;
        }

        for (var at = 0; literal.Length == 0 && text.Length > 0 && at <= text.Length; at++)
        {
            if (at == text.Length || !char.IsLowSurrogate(text[at]))
            {
                result.Add(at, at);
            }
        }
    }

    private void MatchCodePoints(ReadOnlySpan<char> text, MatchList result)
    {
        var units = new char[text.Length];
        var places = new int[text.Length + 1];
        var count = 0;
        for (var position = 0; position < text.Length;)
        {
            Rune.DecodeFromUtf16(text[position..], out var rune, out var length);
            var unit = rune.IsBmp ? (char)rune.Value : StandIns.Usual(rune);
            units[count] = _standIns?.Of(rune, unit) ?? unit;
            places[count++] = position;
            position += length;
        }

        places[count] = text.Length;
        foreach (var match in _regex!.EnumerateMatches(units.AsSpan(0, count)))
        {
            result.Add(places[match.Index], places[match.Index + match.Length]);
        }
    }

    /// <summary>Ranges that a pattern matches, ascending. Give it back after use.</summary>
    public readonly struct MatchList : IDisposable
    {
        private MatchList(List<(int Start, int End)> ranges) => Ranges = ranges;

        public List<(int Start, int End)> Ranges { get; }

        public static MatchList Rent()
        {
            var result = new MatchList(_free ?? []);
            _free = null;
            return result;
        }

        /// <summary>Of .NET's matches, those of the reference: an empty one right behind another is none.</summary>
        public void Add(int start, int end)
        {
            if (start < end || Ranges.Count == 0 || Ranges[^1].End != end)
            {
                Ranges.Add((start, end));
            }
        }

        public void Dispose()
        {
            Ranges.Clear();
            _free = Ranges;
        }
    }
}
