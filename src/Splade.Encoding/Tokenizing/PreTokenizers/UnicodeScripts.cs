using System.Text;

namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>Numbers of the scripts of code points, as the pre-tokenizer of that name knows them (Unicode/scripts.txt).</summary>
internal static class UnicodeScripts
{
    /// <summary>No script of its own: goes with every other one.</summary>
    public const byte Any = 0;

    private static readonly int[] Starts;
    private static readonly int[] Ends;
    private static readonly byte[] Scripts;

    static UnicodeScripts()
    {
        byte script = Any;
        var ranges = new List<(int Start, int End, byte Script)>();
        foreach (var line in EmbeddedTable.Lines("scripts.txt"))
        {
            if (line[0] == '[')
            {
                script++;
                continue;
            }

            ranges.AddRange(CodePointSet.Ranges(line).Select(r => (r.Start, r.End, script)));
        }

        ranges.Sort();
        Starts = [.. ranges.Select(r => r.Start)];
        Ends = [.. ranges.Select(r => r.End)];
        Scripts = [.. ranges.Select(r => r.Script)];
    }

    public static byte Of(Rune rune)
    {
        var place = Array.BinarySearch(Starts, rune.Value);
        place = place < 0 ? ~place - 1 : place;
        return place >= 0 && rune.Value <= Ends[place] ? Scripts[place] : Any;
    }
}
