using Splade.Encoding.Tokenizing.Normalizers;

namespace Splade.Encoding.Tokenizing.SentencePiece;

/// <summary>
/// Text clean-up as SentencePiece does it: user-defined pieces as they stand, else the longest key of the character map; runs of blanks to one, none
/// at the ends, blanks made visible (▁), and one in front.
/// </summary>
internal sealed class SentencePieceNormalizer(CharacterMap? map, PieceTrie? userDefined, bool addPrefix, bool removeExtraSpaces)
{
    public const char VisibleSpace = '\u2581';

    /// <summary>Appends the normalised text; each character starts where the part of the text starts that it came from.</summary>
    /// <returns>Where the text ends that the characters came from.</returns>
    public int Normalize(NormalizedText source, NormalizedText target)
    {
        var text = source.Characters;
        var consumed = 0;
        if (removeExtraSpaces)
        {
            while (consumed < text.Length)
            {
                var (length, blank) = Prefix(text[consumed..], target: null, 0, dropLeading: true);
                if (!blank)
                {
                    break;
                }

                consumed += length;
            }
        }

        if (consumed == text.Length)
        {
            return consumed;
        }

        if (addPrefix)
        {
            target.Add(VisibleSpace, consumed, consumed);
        }

        var afterSpace = removeExtraSpaces;
        while (consumed < text.Length)
        {
            var before = target.Length;
            var (length, _) = Prefix(text[consumed..], target, consumed, afterSpace);
            if (target.Length > before)
            {
                afterSpace = removeExtraSpaces && target.Characters[^1] == VisibleSpace && EndsWithSpace(target);
            }

            consumed += length;
        }

        if (removeExtraSpaces)
        {
            while (target.Length > 0 && target.Characters[^1] == VisibleSpace)
            {
                consumed = target.Start(target.Length - 1);
                target.Truncate(target.Length - 1);
            }
        }

        return consumed;
    }

    // A U+2581 that was in the text is not a blank here, unless the map makes it one: marked by an empty place.
    private static bool EndsWithSpace(NormalizedText target) => target.End(target.Length - 1) < 0;

    /// <summary>Normalises the longest unit at the start of the text.</summary>
    /// <returns>Its length, and whether it is exactly one blank.</returns>
    private (int Length, bool Blank) Prefix(ReadOnlySpan<char> text, NormalizedText? target, int place, bool dropLeading)
    {
        if (userDefined is not null && userDefined.Longest(text) is > 0 and var whole)
        {
            return (whole, Append(text[..whole], target, place, dropLeading));
        }

        if (map is not null && map.TryLongest(text, out var length, out var replacement))
        {
            Span<char> characters = stackalloc char[256];
            return System.Text.Encoding.UTF8.TryGetChars(replacement, characters, out var count)
                ? (length, Append(characters[..count], target, place, dropLeading))
                : (length, Append(System.Text.Encoding.UTF8.GetString(replacement), target, place, dropLeading));
        }

        var one = char.IsHighSurrogate(text[0]) && text.Length > 1 ? 2 : 1;
        return (one, Append(text[..one], target, place, dropLeading));
    }

    private static bool Append(ReadOnlySpan<char> characters, NormalizedText? target, int place, bool dropLeading)
    {
        var blank = characters is " ";
        if (target is null)
        {
            return blank;
        }

        foreach (var c in dropLeading ? characters.TrimStart(' ') : characters)
        {
            target.Add(c == ' ' ? VisibleSpace : c, place, c == ' ' ? -1 : place);
        }

        return blank;
    }
}
