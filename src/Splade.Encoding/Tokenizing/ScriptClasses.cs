using System.Collections.Frozen;
using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>Names of properties in regular expressions of the reference: scripts (Unicode/script-classes.txt) and general categories.</summary>
internal static class ScriptClasses
{
    private const string CategoryNames = """
        C Other Cc Control Cf Format Cn Unassigned Co Private_Use Cs Surrogate L Letter Ll Lowercase_Letter Lm Modifier_Letter Lo Other_Letter Lt Titlecase_Letter
        Lu Uppercase_Letter M Mark Mc Spacing_Mark Me Enclosing_Mark Mn Nonspacing_Mark N Number Nd Decimal_Number Nl Letter_Number No Other_Number P Punctuation
        Pc Connector_Punctuation Pd Dash_Punctuation Pe Close_Punctuation Pf Final_Punctuation Pi Initial_Punctuation Po Other_Punctuation Ps Open_Punctuation
        S Symbol Sc Currency_Symbol Sk Modifier_Symbol Sm Math_Symbol So Other_Symbol Z Separator Zl Line_Separator Zp Paragraph_Separator Zs Space_Separator
        """;

    private static readonly FrozenDictionary<string, string> Categories = CategoryNames.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Chunk(2)
        .SelectMany(names => names.Select(n => (Name: Normalize(n), Category: names[0]))).ToFrozenDictionary(p => p.Name, p => p.Category, StringComparer.Ordinal);

    private static readonly Lazy<FrozenDictionary<string, (string Script, string Ranges)>> Scripts = new(Read);

    /// <summary>Ranges of the script of that name as <see cref="CodePointSet"/> reads them, and its first name; null when there is none.</summary>
    /// <param name="name">In any case, with or without blanks, hyphens and underscores, as the reference takes it; <c>Script=</c> before it is for other engines.</param>
    public static (string Script, string Ranges)? Find(string name)
    {
        var key = Normalize(name);
        key = key.StartsWith("script=", StringComparison.Ordinal) || key.StartsWith("sc=", StringComparison.Ordinal) ? key[(key.IndexOf('=', StringComparison.Ordinal) + 1)..] : key;
        return Scripts.Value.TryGetValue(key, out var found) ? found : null;
    }

    /// <summary>.NET's name of a general category; null when there is none.</summary>
    public static string? Category(string name) => Categories.GetValueOrDefault(Normalize(name));

    private static FrozenDictionary<string, (string Script, string Ranges)> Read()
    {
        var result = new Dictionary<string, (string Script, string Ranges)>(StringComparer.Ordinal);
        string[] names = [];
        var ranges = new StringBuilder();
        foreach (var line in EmbeddedTable.Lines("script-classes.txt").Append("[]"))
        {
            if (line[0] != '[')
            {
                ranges.Append(line).Append(' ');
                continue;
            }

            foreach (var name in names)
            {
                result.Add(Normalize(name), (names[0], ranges.ToString()));
            }

            names = line.Trim('[', ']').Split(' ', StringSplitOptions.RemoveEmptyEntries);
            ranges.Clear();
        }

        return result.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string Normalize(string name) => string.Concat(name.Where(c => c is not (' ' or '-' or '_')).Select(char.ToLowerInvariant));
}
