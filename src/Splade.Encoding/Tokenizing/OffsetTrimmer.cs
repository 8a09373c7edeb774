namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Leaves the space before a word out of the places of byte-level pieces (trim_offsets). By the characters of the piece, not of the text, as the
/// reference does: where a space was only thought of, the place is one character short.
/// </summary>
internal sealed class OffsetTrimmer
{
    private readonly (ushort Leading, ushort Trailing)[] _spaces;
    private readonly bool _prefixSpace;

    public OffsetTrimmer(IReadOnlyList<string> pieces, TrimOffsets trim)
    {
        _spaces = [.. pieces.Select(p => Count(p))];
        _prefixSpace = trim.PrefixSpace;
    }

    /// <param name="first">It is the first piece of its text.</param>
    public PieceOccurrence Trim(PieceOccurrence piece, string text, bool first) => Trim(piece, _spaces[piece.Id], text, first);

    /// <param name="found">What the added token covers, white space included.</param>
    public PieceOccurrence Trim(PieceOccurrence piece, ReadOnlySpan<char> found, string text, bool first) => Trim(piece, Count(found), text, first);

    private PieceOccurrence Trim(PieceOccurrence piece, (ushort Leading, ushort Trailing) spaces, string text, bool first)
    {
        var (start, end) = (piece.Start, piece.End);
        if (spaces.Leading > 0 && !((first || start == 0) && _prefixSpace && spaces.Leading == 1))
        {
            for (var i = 0; i < spaces.Leading && start < end; i++)
            {
                start += char.IsHighSurrogate(text[start]) && start + 1 < end ? 2 : 1;
            }
        }

        for (var i = 0; i < spaces.Trailing && end > start; i++)
        {
            end -= char.IsLowSurrogate(text[end - 1]) && end - 1 > start ? 2 : 1;
        }

        return piece with { Start = start, End = end };
    }

    private static (ushort Leading, ushort Trailing) Count(ReadOnlySpan<char> piece)
    {
        var leading = 0;
        while (leading < piece.Length && IsSpace(piece[leading]))
        {
            leading++;
        }

        var trailing = 0;
        while (trailing < piece.Length && IsSpace(piece[^(trailing + 1)]))
        {
            trailing++;
        }

        return ((ushort)Math.Min(leading, ushort.MaxValue), (ushort)Math.Min(trailing, ushort.MaxValue));
    }

    private static bool IsSpace(char c) => c == ByteCharacters.Space || char.IsWhiteSpace(c);
}

/// <param name="PrefixSpace">A space was put before the text, so the first piece has one that is not in the text.</param>
internal sealed record TrimOffsets(bool PrefixSpace);
