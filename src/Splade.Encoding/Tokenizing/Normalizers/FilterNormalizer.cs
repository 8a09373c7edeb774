using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>Maps code points one by one, or drops them.</summary>
/// <param name="map">Null drops the code point.</param>
internal sealed class FilterNormalizer(Func<Rune, Rune?> map) : INormalizer
{
    private static readonly Rune Space = new(' ');

    /// <summary>StripAccents: marks out.</summary>
    public static FilterNormalizer StripAccents() => new(rune => rune.Value >= 0x300 && UnicodeData.Instance.Marks.Contains(rune.Value) ? null : rune);

    /// <summary>Nmt: what SentencePiece's nmt rules do with controls and special spaces.</summary>
    public static FilterNormalizer Nmt() => new(rune => rune.Value switch
    {
        >= 0x1 and <= 0x8 or 0xB or >= 0xE and <= 0x1F or 0x7F or 0x8F or 0x9F => null,
        0x9 or 0xA or 0xC or 0xD or 0x1680 or >= 0x200B and <= 0x200F or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD => Space,
        _ => rune,
    });

    public bool StaysInWords => true;

    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        for (var position = 0; position < source.Length;)
        {
            var rune = source.RuneAt(position, out var length);
            if (map(rune) is { } mapped)
            {
                target.Add(mapped, source.Start(position), source.End(position));
            }

            position += length;
        }

        return true;
    }
}
