using System.Globalization;
using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>
/// Normalization of Unicode 9 (see Unicode/normalization.txt), which the reference uses: characters assigned later neither decompose nor reorder,
/// so the runtime's newer tables would give other ids.
/// </summary>
internal sealed class UnicodeData
{
    private static readonly Lazy<UnicodeData> Loaded = new(() => new UnicodeData());
    private readonly Dictionary<int, byte> _classes = [];
    private readonly Dictionary<int, (Rune[] Parts, bool Composes)> _canonical = [];
    private readonly Dictionary<int, Rune[]> _compatible = [];
    private readonly Dictionary<(int, int), Rune> _compositions = [];
    private readonly HashSet<int> _second = [];

    private UnicodeData()
    {
        var section = "";
        var marks = new List<string>();
        foreach (var line in EmbeddedTable.Lines("normalization.txt"))
        {
            if (line[0] == '[')
            {
                section = line.Trim('[', ']');
                continue;
            }

            if (section == "marks")
            {
                marks.Add(line);
            }
            else if (section.StartsWith("class ", StringComparison.Ordinal))
            {
                ReadClass(byte.Parse(section["class ".Length..], CultureInfo.InvariantCulture), line);
            }
            else
            {
                ReadDecompositions(section, line);
            }
        }

        Marks = CodePointSet.Parse(string.Join(' ', marks));
        foreach (var (whole, (parts, composes)) in _canonical)
        {
            if (composes && parts.Length == 2)
            {
                _compositions.Add((parts[0].Value, parts[1].Value), new Rune(whole));
                _second.Add(parts[1].Value);
            }
        }
    }

    public static UnicodeData Instance => Loaded.Value;

    /// <summary>General category M.</summary>
    public CodePointSet Marks { get; }

    public int CombiningClass(int c) => c < 0x300 ? 0 : _classes.GetValueOrDefault(c);

    /// <summary>False when normalising can change the character, its neighbours, or their order.</summary>
    public bool IsInert(int c, bool compose, bool compatible)
    {
        if (c < 0x80)
        {
            return true;
        }

        if (Hangul.IsSyllable(c))
        {
            // A syllable without a last consonant takes one up.
            return compose;
        }

        if (compatible && _compatible.ContainsKey(c))
        {
            return false;
        }

        if (!compose)
        {
            return CombiningClass(c) == 0 && !_canonical.ContainsKey(c);
        }

        return CombiningClass(c) == 0 && !_second.Contains(c) && !Hangul.IsVowelOrLast(c)
            && (!_canonical.TryGetValue(c, out var parts) || (parts.Composes && !(compatible && parts.Parts.Any(p => !IsInert(p.Value, false, true)))));
    }

    /// <summary>Appends the whole decomposition of a code point.</summary>
    public void Decompose(Rune rune, bool compatible, List<Rune> parts)
    {
        if (rune.IsAscii)
        {
            parts.Add(rune);
        }
        else if (Hangul.IsSyllable(rune.Value))
        {
            Hangul.Decompose(rune.Value, parts);
        }
        else if (compatible && _compatible.TryGetValue(rune.Value, out var whole))
        {
            parts.AddRange(whole);
        }
        else if (_canonical.TryGetValue(rune.Value, out var canonical))
        {
            foreach (var part in canonical.Parts)
            {
                Decompose(part, compatible, parts);
            }
        }
        else
        {
            parts.Add(rune);
        }
    }

    public Rune? Compose(Rune first, Rune second) =>
        Hangul.Compose(first.Value, second.Value) ?? (_compositions.TryGetValue((first.Value, second.Value), out var whole) ? whole : null);

    private void ReadClass(byte combining, string line)
    {
        foreach (var (start, end) in CodePointSet.Ranges(line))
        {
            for (var c = start; c <= end; c++)
            {
                _classes.Add(c, combining);
            }
        }
    }

    private void ReadDecompositions(string section, string line)
    {
        foreach (var entry in line.Split(' '))
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            var whole = CodePointSet.Hex(entry[..equals]);
            Rune[] parts = [.. entry[(equals + 1)..].TrimEnd('!').Split(',').Select(p => new Rune(CodePointSet.Hex(p)))];
            if (section == "compatible")
            {
                _compatible.Add(whole, parts);
            }
            else
            {
                _canonical.Add(whole, (parts, entry[^1] != '!'));
            }
        }
    }
}
