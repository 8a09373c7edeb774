using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>Lower case of each code point by itself, whatever is around it.</summary>
internal sealed class LowerCaseNormalizer : INormalizer
{
    public bool StaysInWords => true;

    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        for (var position = 0; position < source.Length;)
        {
            var (start, end) = (source.Start(position), source.End(position));
            Add(source.RuneAt(position, out var length), start, end, target);
            position += length;
        }

        return true;
    }

    public static void Add(Rune rune, int start, int end, NormalizedText target)
    {
        if (rune.Value == 0x130)
        {
            // The only code point whose lower case is two (İ -> i and a combining dot above).
            target.Add('i', start, end);
            target.Add('\u0307', start, end);
            return;
        }

        target.Add(BertCharacters.Lower(rune), start, end);
    }
}
