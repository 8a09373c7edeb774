using System.Buffers;
using System.Globalization;
using System.Text;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// The sets of characters that a regular expression names, scripts and what stands in brackets, in the words of .NET, which knows no scripts and matches UTF-16
/// units. For a character beyond the basic plane one of the same category and in the same of these sets is matched. Where the basic plane has none, as of
/// scripts that lie wholly beyond it, a letter of another script is taken for it, and a neighbour is matched for that letter itself.
/// </summary>
internal sealed class StandIns
{
    /// <summary>The first character that may stand for another: letters of Latin-1 are named in patterns more often than others.</summary>
    public const int First = 0x180;

    private const int MaxSets = 64;

    private static readonly int[] UsualOnes = [.. Enum.GetValues<UnicodeCategory>().SelectMany(c => new int[] { Usual(c, true), Usual(c, false) })];

    private readonly string[] _names;
    private readonly CodePointSet[] _sets;
    private readonly Dictionary<Class, List<char>> _plane = [];
    private readonly Dictionary<Class, char> _standIns = [];
    private readonly Dictionary<char, char> _moved = [];
    private readonly SearchValues<char> _movedCharacters;

    private StandIns((string Name, string Ranges)[] sets)
    {
        _names = [.. sets.Select(s => s.Name)];
        _sets = [.. sets.Select(s => CodePointSet.Parse(s.Ranges))];
        for (var c = First; c <= char.MaxValue; c++)
        {
            if (Rune.IsValid(c))
            {
                Members(ClassOf(new Rune(c))).Add((char)c);
            }
        }

        var beyond = sets.SelectMany(s => CodePointSet.Ranges(s.Ranges)).Where(r => r.End > char.MaxValue)
            .Select(r => (Start: Math.Max(r.Start, char.MaxValue + 1), r.End))
            .SelectMany(r => Enumerable.Range(r.Start, r.End - r.Start + 1)).Select(c => ClassOf(new Rune(c)));
        var none = Enum.GetValues<UnicodeCategory>().SelectMany(c => new[] { new Class(c, true, 0), new Class(c, false, 0) });
        foreach (var missing in beyond.Concat(none).Distinct().Where(c => !_plane.ContainsKey(c)).ToArray())
        {
            Reserve(missing);
        }

        _movedCharacters = SearchValues.Create([.. _moved.Keys]);
    }

    /// <param name="sets">Names and ranges, as <see cref="CodePointSet"/> reads them.</param>
    /// <exception cref="ArgumentException">There are too many.</exception>
    public static StandIns For(IEnumerable<(string Name, string Ranges)> sets)
    {
        (string Name, string Ranges)[] distinct = [.. sets.DistinctBy(s => s.Name)];
        return distinct.Length <= MaxSets
            ? new StandIns(distinct)
            : throw new ArgumentException($"The pattern names {distinct.Length} scripts and sets of characters; up to {MaxSets} are supported.", nameof(sets));
    }

    /// <summary>What is matched for a character beyond the basic plane where a pattern names no set that could tell them apart.</summary>
    public static char Usual(Rune rune) => Usual(Rune.GetUnicodeCategory(rune), WordCharacters.IsWord(rune));

    /// <summary>Whether a set has characters beyond the basic plane, or some that usually stand for such.</summary>
    public static bool Matter(string ranges) =>
        CodePointSet.Ranges(ranges).Any(r => r.End > char.MaxValue || UsualOnes.Any(c => c >= r.Start && c <= r.End));

    /// <summary>A set for a pattern in brackets. Every item is a range, so that what follows can't be taken for one.</summary>
    public string Ranges(string name, bool negated)
    {
        var number = Array.IndexOf(_names, name);
        var result = new StringBuilder();
        for (int start = 0, end; start <= char.MaxValue; start = end + 1)
        {
            for (end = start; end < char.MaxValue && Contains(number, end + 1) == Contains(number, start);)
            {
                end++;
            }

            if (Contains(number, start) != negated)
            {
                result.Append(CultureInfo.InvariantCulture, $@"\u{start:X4}-\u{end:X4}");
            }
        }

        return result.ToString();
    }

    /// <summary>Characters of the basic plane in the text are matched as others.</summary>
    public bool Moves(ReadOnlySpan<char> text) => text.ContainsAny(_movedCharacters);

    /// <summary>What is matched for a character.</summary>
    /// <param name="usual">The stand-in where no set counts.</param>
    public char Of(Rune rune, char usual)
    {
        if (rune.IsBmp)
        {
            return _moved.GetValueOrDefault((char)rune.Value, (char)rune.Value);
        }

        var wanted = ClassOf(rune);
        return _standIns.TryGetValue(wanted, out var reserved) ? reserved
            : ClassOf(new Rune(usual)) == wanted ? usual
            : _plane.TryGetValue(wanted, out var members) ? members[0] : usual;
    }

    private static char Usual(UnicodeCategory category, bool isWord) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u0181',
        UnicodeCategory.LowercaseLetter => '\u0253',
        UnicodeCategory.OtherLetter => '\uA000',
        UnicodeCategory.ModifierLetter => '\u02BB',
        UnicodeCategory.TitlecaseLetter => '\u1F88',
        UnicodeCategory.DecimalDigitNumber => '\u0966',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u2460',
        UnicodeCategory.NonSpacingMark => '\u0F71',
        UnicodeCategory.SpacingCombiningMark => '\u0F3E',
        UnicodeCategory.EnclosingMark => '\u20DD',
        UnicodeCategory.MathSymbol => '\u2200',
        UnicodeCategory.OtherPunctuation => '\u2020',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.CurrencySymbol => '\u20A0',
        UnicodeCategory.ModifierSymbol => '\u02C2',
        UnicodeCategory.Format => '\u2061',
        UnicodeCategory.PrivateUse => '\uE000',
        UnicodeCategory.OtherSymbol when isWord => '\u24B6',
        UnicodeCategory.OtherNotAssigned => '\uFFFE',
        _ => '\u2600',
    };

    private bool Contains(int number, int c)
    {
        foreach (var (wanted, standIn) in _standIns)
        {
            if (standIn == c)
            {
                return wanted.IsIn(number);
            }
        }

        return _sets[number].Contains(c);
    }

    private void Reserve(Class wanted)
    {
        // A class with many members can spare one.
        var crowd = _plane.Where(p => p.Key.Category == wanted.Category && p.Key.IsWord == wanted.IsWord).Select(p => p.Value).MaxBy(m => m.Count);
        if (crowd is not { Count: > 1 })
        {
            return;
        }

        _standIns.Add(wanted, crowd[^1]);
        _moved.Add(crowd[^1], crowd[0]);
        crowd.RemoveAt(crowd.Count - 1);
    }

    private List<char> Members(Class of) => _plane.TryGetValue(of, out var members) ? members : _plane[of] = [];

    private Class ClassOf(Rune rune)
    {
        var sets = 0UL;
        for (var i = 0; i < _sets.Length; i++)
        {
            sets |= _sets[i].Contains(rune.Value) ? 1UL << i : 0;
        }

        return new Class(Rune.GetUnicodeCategory(rune), WordCharacters.IsWord(rune), sets);
    }

    /// <summary>What patterns can tell characters apart by.</summary>
    private readonly record struct Class(UnicodeCategory Category, bool IsWord, ulong Sets)
    {
        public bool IsIn(int number) => (Sets & (1UL << number)) != 0;
    }
}
