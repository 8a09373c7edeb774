using System.Globalization;
using System.Text;

namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>Character classes of the "Whitespace" pre-tokenizer and of added tokens that are single words.</summary>
internal static class WordCharacters
{
    /// <summary><c>\w</c> of Unicode Technical Standard 18: letters, marks, decimal digits, connectors, joiners, letter-like numbers and symbols.</summary>
    public static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.LetterNumber => true,
        UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
        UnicodeCategory.OtherSymbol => rune.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149)
            or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        _ => false,
    };
}
