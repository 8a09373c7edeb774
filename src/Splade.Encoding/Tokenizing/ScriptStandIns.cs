using System.Buffers;
using System.Globalization;
using System.Text;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// The scripts that a regular expression names, in the words of .NET, which knows no scripts and matches UTF-16 units. For a character beyond the basic plane one
/// of the same category and in the same of these scripts is matched. Where the basic plane has none, as of scripts that lie wholly beyond it, a letter of
/// another script is taken for it, and a neighbour is matched for that letter itself.
/// </summary>
internal sealed class ScriptStandIns
{
    private const int MaxScripts = 64;

    // Letters of Latin-1 are named in patterns more often than others.
    private const int FirstCandidate = 0x180;

    private readonly string[] _names;
    private readonly CodePointSet[] _sets;
    private readonly Dictionary<Class, List<char>> _plane = [];
    private readonly Dictionary<Class, char> _standIns = [];
    private readonly Dictionary<char, char> _moved = [];
    private readonly SearchValues<char> _movedCharacters;

    private ScriptStandIns((string Name, string Ranges)[] scripts)
    {
        _names = [.. scripts.Select(s => s.Name)];
        _sets = [.. scripts.Select(s => CodePointSet.Parse(s.Ranges))];
        for (var c = FirstCandidate; c <= char.MaxValue; c++)
        {
            if (Rune.IsValid(c))
            {
                Members(ClassOf(new Rune(c))).Add((char)c);
            }
        }

        var beyond = scripts.SelectMany(s => CodePointSet.Ranges(s.Ranges)).Where(r => r.End > char.MaxValue)
            .SelectMany(r => Enumerable.Range(r.Start, r.End - r.Start + 1)).Select(c => ClassOf(new Rune(c)));
        var none = Enum.GetValues<UnicodeCategory>().SelectMany(c => new[] { new Class(c, true, 0), new Class(c, false, 0) });
        foreach (var missing in beyond.Concat(none).Distinct().Where(c => !_plane.ContainsKey(c)).ToArray())
        {
            Reserve(missing);
        }

        _movedCharacters = SearchValues.Create([.. _moved.Keys]);
    }

    /// <summary>Null for a pattern that names no script.</summary>
    /// <param name="scripts">First names of the scripts and their ranges, as <see cref="ScriptClasses.Find"/> gives them.</param>
    /// <exception cref="ArgumentException">There are too many.</exception>
    public static ScriptStandIns? For(IEnumerable<(string Name, string Ranges)> scripts)
    {
        (string Name, string Ranges)[] distinct = [.. scripts.DistinctBy(s => s.Name)];
        return distinct.Length switch
        {
            0 => null,
            > MaxScripts => throw new ArgumentException($"The pattern names {distinct.Length} scripts; up to {MaxScripts} are supported.", nameof(scripts)),
            _ => new ScriptStandIns(distinct),
        };
    }

    /// <summary>A script for a pattern in brackets. Every item is a range, so that what follows can't be taken for one.</summary>
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
    /// <param name="usual">The stand-in where no script counts.</param>
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
        var scripts = 0UL;
        for (var i = 0; i < _sets.Length; i++)
        {
            scripts |= _sets[i].Contains(rune.Value) ? 1UL << i : 0;
        }

        return new Class(Rune.GetUnicodeCategory(rune), WordCharacters.IsWord(rune), scripts);
    }

    /// <summary>What patterns can tell characters apart by.</summary>
    private readonly record struct Class(UnicodeCategory Category, bool IsWord, ulong Scripts)
    {
        public bool IsIn(int number) => (Scripts & (1UL << number)) != 0;
    }
}
