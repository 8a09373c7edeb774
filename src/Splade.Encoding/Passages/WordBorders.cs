using System.Globalization;
using System.Text;

namespace Splade.Encoding.Passages;

/// <summary>
/// Where a text may be cut without hurting a character or a word: a small part of Unicode's rules for grapheme clusters and words (UAX 29). Scripts that are
/// written without blanks in ideographs and kana may be cut between any two characters; of others (Thai, Khmer) a run between blanks counts as a word.
/// </summary>
internal sealed class WordBorders
{
    /// <summary>A text of nothing but marks costs no more than another.</summary>
    private const int MaxMarks = 32;

    private readonly string _text;
    private readonly bool[] _characters;

    public WordBorders(string text)
    {
        _text = text;
        _characters = new bool[text.Length + 1];
        for (var place = 0; place < text.Length; place += StringInfo.GetNextTextElementLength(text, place))
        {
            _characters[place] = true;
        }

        _characters[text.Length] = true;
    }

    private enum Kind
    {
        /// <summary>Blanks, marks of punctuation, symbols, ideographs: a border on both sides.</summary>
        Apart = 0,
        Letter,
        Digit,
        Katakana,

        /// <summary>Belongs to what stands before it.</summary>
        Mark,

        /// <summary>Part of a word between two letters or two digits.</summary>
        BetweenLetters,
        BetweenDigits,
    }

    /// <summary>A character, with all its marks, begins there.</summary>
    public bool IsCharacterStart(int place) => _characters[place];

    /// <summary>No word goes on over that place.</summary>
    public bool IsWordStart(int place)
    {
        if (!_characters[place])
        {
            return false;
        }

        if (place == 0 || place == _text.Length)
        {
            return true;
        }

        var (left, before) = Before(place);
        var right = KindOf(RuneAt(place));
        return !(right switch
        {
            Kind.Letter or Kind.Digit => IsOfWord(left) || IsBetween(left, right, before),
            Kind.Katakana => left == Kind.Katakana,
            Kind.BetweenLetters or Kind.BetweenDigits => IsBetween(right, left, place + RuneAt(place).Utf16SequenceLength, backwards: false),
            _ => false,
        });
    }

    private static bool IsOfWord(Kind kind) => kind is Kind.Letter or Kind.Digit;

    private static Kind KindOf(Rune rune)
    {
        switch (rune.Value)
        {
            case 0x200B:
                return Kind.Apart;
            case '_':
                return Kind.Letter;
            case '\'' or 0x2019 or 0xB7 or 0x5F4:
                return Kind.BetweenLetters;
            case '.' or ',' or 0x66B or 0x66C:
                return Kind.BetweenDigits;
            case (>= 0x30A1 and <= 0x30FA) or (>= 0x30FC and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0xFF66 and <= 0xFF9F):
                return Kind.Katakana;
            case (>= 0x2E80 and <= 0xABFF) or (>= 0xF900 and <= 0xFAFF) or >= 0x1B000 and <= 0x1B16F or >= 0x20000:
                return Kind.Apart;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => Kind.Mark,
            UnicodeCategory.DecimalDigitNumber => Kind.Digit,
            _ => Rune.IsLetterOrDigit(rune) ? Kind.Letter : Kind.Apart,
        };
    }

    /// <summary>A mark between two letters, or two digits, of which one stands at its other side.</summary>
    /// <param name="mark">Kind of the mark.</param>
    /// <param name="known">On the one side.</param>
    /// <param name="place">Of the other side: its end backwards, else its start.</param>
    private bool IsBetween(Kind mark, Kind known, int place, bool backwards = true)
    {
        var wanted = mark == Kind.BetweenLetters ? Kind.Letter : mark == Kind.BetweenDigits ? Kind.Digit : Kind.Apart;
        if (wanted == Kind.Apart || known != wanted || (backwards ? place <= 0 : place >= _text.Length))
        {
            return false;
        }

        return (backwards ? Before(place).Kind : KindOf(RuneAt(place))) == wanted;
    }

    /// <summary>What stands before a place, marks and joiners left out, and where it begins.</summary>
    private (Kind Kind, int Start) Before(int place)
    {
        for (var marks = 0; place > 0 && marks <= MaxMarks; marks++)
        {
            Rune.DecodeLastFromUtf16(_text.AsSpan(0, place), out var rune, out var length);
            place -= length;
            if (KindOf(rune) is not Kind.Mark and var kind)
            {
                return (kind, place);
            }
        }

        return (Kind.Apart, 0);
    }

    private Rune RuneAt(int place) => Rune.TryGetRuneAt(_text, place, out var rune) ? rune : Rune.ReplacementChar;
}
