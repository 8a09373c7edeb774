namespace Splade.Encoding.Tokenizing.Models;

/// <summary>WordPiece: greedy longest match; a word that can't be cut whole is one unknown token.</summary>
internal sealed class WordPieceModel : CachedModel
{
    private readonly Vocabulary _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuing;
    private readonly int _longest;
    private readonly int _maxWordLength;
    private readonly int _unknown;

    /// <param name="prefix">Of pieces inside a word, mostly <c>##</c>.</param>
    /// <param name="maxWordLength">In code points; longer words are unknown.</param>
    /// <exception cref="ArgumentException">The unknown token is no piece.</exception>
    public WordPieceModel(Vocabulary vocabulary, string prefix, string unknownToken, int maxWordLength)
    {
        _vocabulary = vocabulary;
        _maxWordLength = maxWordLength;
        _unknown = vocabulary.Find(unknownToken) ?? throw new ArgumentException($"The vocabulary lacks the special token {unknownToken}.", nameof(unknownToken));
        var continuing = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var piece in vocabulary.Pieces)
        {
            _longest = Math.Max(_longest, piece.Length);
            if (piece.Length > prefix.Length && piece.StartsWith(prefix, StringComparison.Ordinal) && vocabulary.Find(piece) is { } id)
            {
                continuing[piece[prefix.Length..]] = id;
            }
        }

        _continuing = continuing.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    protected override void Encode(ReadOnlySpan<char> word, List<PieceOccurrence> pieces)
    {
        if (word.Length <= _maxWordLength || CodePoints(word) <= _maxWordLength)
        {
            for (var from = 0; from < word.Length;)
            {
                var to = Math.Min(word.Length, from + _longest);
                int id;
                while (!TryGetId(word[from..to], from > 0, out id) && --to > from)
                {
                }

                if (to == from)
                {
                    pieces.Clear();
                    break;
                }

                pieces.Add(new PieceOccurrence(id, from, to));
                from = to;
            }
        }

        if (pieces.Count == 0)
        {
            pieces.Add(new PieceOccurrence(_unknown, 0, word.Length));
        }
    }

    private bool TryGetId(ReadOnlySpan<char> piece, bool continuing, out int id) =>
        continuing ? _continuing.TryGetValue(piece, out id) : _vocabulary.TryGetId(piece, out id);

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
