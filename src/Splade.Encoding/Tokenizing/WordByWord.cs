using Splade.Encoding.Tokenizing.Models;
using Splade.Encoding.Tokenizing.Normalizers;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// The quick way through a BERT tokenizer. Its steps look at no character beyond a blank or an ASCII punctuation mark (neither combines with a mark that
/// follows), so a text is cut at those as it stands, and what was seen before needs no work: neither clean-up nor lower case nor pieces.
/// </summary>
internal sealed class WordByWord
{
    private static readonly Kind[] Kinds = [.. Enumerable.Range(0, 128).Select(c => KindOf((char)c))];
    private readonly PieceCache _cache = new();

    private enum Kind : byte
    {
        /// <summary>Letters, digits, and control characters, which the clean-up takes out of a word.</summary>
        Inside = 0,
        Blank = 1,
        Punctuation = 2,
    }

    /// <summary>Null for a tokenizer that has to see more than a word.</summary>
    /// <param name="matchesNormalized">Added tokens are looked for in the normalised text, where they may cover several words.</param>
    public static WordByWord? For(TokenizerParts parts, bool matchesNormalized) =>
        parts is { Normalizers: [BertNormalizer], PreTokenizers: [BertPreTokenizer], Trim: null } && !matchesNormalized ? new WordByWord() : null;

    /// <summary>Appends the pieces of a part of a text.</summary>
    /// <param name="encode">Appends the pieces of a part of the text without this, with their places in the text.</param>
    public void Encode(string text, int start, int end, List<PieceOccurrence> pieces, Action<int, int> encode)
    {
        var characters = text.AsSpan(0, end);
        for (var position = start; position < characters.Length;)
        {
            var first = position;
            var c = characters[position++];
            var kind = c < 128 ? Kinds[c] : Kind.Inside;
            if (kind == Kind.Blank)
            {
                continue;
            }

            var hash = PieceCache.AddHash(PieceCache.StartHash, c);
            if (kind == Kind.Inside)
            {
                while (position < characters.Length && ((c = characters[position]) >= 128 || Kinds[c] == Kind.Inside))
                {
                    hash = PieceCache.AddHash(hash, c);
                    position++;
                }
            }

            var word = characters[first..position];
            if (_cache.Find(word, hash) is not { } known)
            {
                var count = pieces.Count;
                encode(first, position);
                _cache.Add(word, hash, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pieces)[count..], first);
            }
            else if (known.Several is null)
            {
                pieces.Add(new PieceOccurrence(known.First.Id, first + known.First.Start, first + known.First.End));
            }
            else
            {
                foreach (var piece in known.Several)
                {
                    pieces.Add(new PieceOccurrence(piece.Id, first + piece.Start, first + piece.End));
                }
            }
        }
    }

    private static Kind KindOf(char c) =>
        c is ' ' or '\t' or '\n' or '\r' ? Kind.Blank : BertCharacters.IsPunctuation(new System.Text.Rune(c)) ? Kind.Punctuation : Kind.Inside;
}
