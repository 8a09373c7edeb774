using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>Characters of writing without blanks between words: Chinese characters and kana.</summary>
internal static class UnspacedScripts
{
    /// <summary>Kana and the iteration mark, for a pattern in brackets. BERT's clean-up sets only Chinese characters apart.</summary>
    public const string Kana = "\u3005\u3041-\u3096\u309D-\u309F\u30A1-\u30FA\u30FC-\u30FF\u31F0-\u31FF";

    public static bool Contains(Rune rune) => BertCharacters.IsChinese(rune.Value) || IsKana(rune.Value);

    /// <summary>The whole text is one such character.</summary>
    public static bool IsCharacter(string text) => Rune.TryGetRuneAt(text + " ", 0, out var rune) && rune.Utf16SequenceLength == text.Length && Contains(rune);

    private static bool IsKana(int c) =>
        c is 0x3005 or (>= 0x3041 and <= 0x3096) or (>= 0x309D and <= 0x309F) or (>= 0x30A1 and <= 0x30FA) or (>= 0x30FC and <= 0x30FF)
            or (>= 0x31F0 and <= 0x31FF);
}
