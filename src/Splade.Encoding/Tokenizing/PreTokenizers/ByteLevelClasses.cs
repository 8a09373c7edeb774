using System.Text;

namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>Classes of GPT-2's pattern.</summary>
internal enum ByteLevelClass : byte
{
    Other,
    Letter,
    Number,
    Space,
}

/// <summary>
/// Letters and numbers as the reference's regular expression engine knows them (Unicode/byte-level.txt): its Unicode is older than the runtime's.
/// </summary>
internal static class ByteLevelClasses
{
    private static readonly CodePointSet Letters = Read("[letter]");
    private static readonly CodePointSet Numbers = Read("[number]");
    private static readonly ByteLevelClass[] Basic = [.. Enumerable.Range(0, char.MaxValue + 1).Select(c => Find(c))];

    public static ByteLevelClass Of(char c) => Basic[c];

    public static ByteLevelClass Of(Rune rune) => rune.IsBmp ? Basic[rune.Value] : Find(rune.Value);

    private static ByteLevelClass Find(int c) =>
        Letters.Contains(c) ? ByteLevelClass.Letter
        : Numbers.Contains(c) ? ByteLevelClass.Number
        : c <= char.MaxValue && char.IsWhiteSpace((char)c) ? ByteLevelClass.Space
        : ByteLevelClass.Other;

    private static CodePointSet Read(string section) => CodePointSet.Parse(string.Join(
        ' ', EmbeddedTable.Lines("byte-level.txt").SkipWhile(l => l != section).Skip(1).TakeWhile(l => l[0] != '[')));
}
