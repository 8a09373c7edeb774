namespace Splade.Encoding.Tokenizing;

/// <summary>
/// GPT-2's alphabet of bytes: every byte is a visible character, so that a vocabulary of text covers any input. Printable Latin-1 characters stand for
/// themselves, other bytes are U+0100 and up in order (a space is U+0120, Ġ).
/// </summary>
internal static class ByteCharacters
{
    public const char Space = '\u0120';
    private static readonly char[] Characters = Build();

    public static char Of(byte value) => Characters[value];

    /// <summary>The byte of a character of the alphabet, or -1.</summary>
    public static int ByteOf(char c) => Array.IndexOf(Characters, c);

    /// <summary>Appends the bytes of a part of a text; every byte has the place of its whole character.</summary>
    public static void Append(NormalizedText source, int start, int end, NormalizedText target)
    {
        Span<byte> bytes = stackalloc byte[4];
        var text = source.Characters;
        for (var position = start; position < end;)
        {
            var (from, to) = (source.Start(position), source.End(position));
            if (text[position] < 0x80)
            {
                target.Add(Characters[text[position++]], from, to);
                continue;
            }

            var rune = source.RuneAt(position, out var length);
            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
            {
                target.Add(Characters[value], from, to);
            }

            position += length;
        }
    }

    private static char[] Build()
    {
        var characters = new char[256];
        var next = '\u0100';
        for (var value = 0; value < characters.Length; value++)
        {
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : next++;
        }

        return characters;
    }
}
