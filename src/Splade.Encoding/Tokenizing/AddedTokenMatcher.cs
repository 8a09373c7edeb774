using System.Buffers;
using System.Text;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>Finds added tokens in a text: the leftmost, and of those the longest. One pass, whatever the text holds.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly PieceTrie _trie;
    private readonly SearchValues<char> _starts;
    private readonly AddedToken[] _tokens;

    public AddedTokenMatcher(IReadOnlyList<(string Text, AddedToken Token)> tokens)
    {
        _tokens = [.. tokens.Select(t => t.Token)];
        _trie = new PieceTrie(tokens.Select((t, i) => (t.Text, i)));
        _starts = SearchValues.Create([.. tokens.Select(t => t.Text[0]).Distinct()]);
    }

    /// <summary>The next token at or after a place, with the white space that it swallows down to <paramref name="floor"/>.</summary>
    /// <param name="position">Where to search; moved to the end of the match.</param>
    public bool TryNext(ReadOnlySpan<char> text, ref int position, int floor, out AddedToken token, out int start, out int end)
    {
        while (position < text.Length)
        {
            var next = text[position..].IndexOfAny(_starts);
            if (next < 0)
            {
                break;
            }

            start = position + next;
            if (!TryLongest(text, start, out token, out end))
            {
                position = start + 1;
                continue;
            }

            position = end;
            if (token.OnlyInTemplate || (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..]))))
            {
                continue;
            }

            if (token.StripLeft)
            {
                start = Math.Max(text[..start].TrimEnd().Length, floor);
            }

            if (token.StripRight)
            {
                end = text.Length - text[end..].TrimStart().Length;
            }

            return true;
        }

        (token, start, end) = (null!, text.Length, text.Length);
        return false;
    }

    private bool TryLongest(ReadOnlySpan<char> text, int start, out AddedToken token, out int end)
    {
        (token, end) = (null!, start);
        var node = PieceTrie.Root;
        for (var place = start; place < text.Length; place++)
        {
            node = _trie.Next(node, text[place]);
            if (node == PieceTrie.None)
            {
                break;
            }

            if (_trie.Value(node) is not PieceTrie.None and var found)
            {
                (token, end) = (_tokens[found], place + 1);
            }
        }

        return end > start;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && WordCharacters.IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && WordCharacters.IsWord(rune);
}
