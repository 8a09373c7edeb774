using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>Korean syllables, whose parts are computed (The Unicode Standard, 3.12).</summary>
internal static class Hangul
{
    private const int Syllables = 0xAC00;
    private const int Firsts = 0x1100;
    private const int Vowels = 0x1161;
    private const int Lasts = 0x11A7;
    private const int FirstCount = 19;
    private const int VowelCount = 21;
    private const int LastCount = 28;
    private const int SyllableCount = FirstCount * VowelCount * LastCount;

    public static bool IsSyllable(int c) => c - Syllables is >= 0 and < SyllableCount;

    public static bool IsVowelOrLast(int c) => c is >= Vowels and < Vowels + VowelCount or > Lasts and < Lasts + LastCount;

    public static void Decompose(int syllable, List<Rune> parts)
    {
        var index = syllable - Syllables;
        parts.Add(new Rune(Firsts + (index / (VowelCount * LastCount))));
        parts.Add(new Rune(Vowels + (index % (VowelCount * LastCount) / LastCount)));
        if (index % LastCount > 0)
        {
            parts.Add(new Rune(Lasts + (index % LastCount)));
        }
    }

    public static Rune? Compose(int first, int second)
    {
        if (first - Firsts is >= 0 and < FirstCount && second - Vowels is >= 0 and < VowelCount)
        {
            return new Rune(Syllables + ((((first - Firsts) * VowelCount) + second - Vowels) * LastCount));
        }

        return IsSyllable(first) && (first - Syllables) % LastCount == 0 && second - Lasts is > 0 and < LastCount
            ? new Rune(first + second - Lasts)
            : null;
    }
}
