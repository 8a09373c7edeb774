using Splade.Encoding.Tokenizing.Models;
using Splade.Encoding.Tokenizing.Normalizers;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// The quick way through a BERT tokenizer, and one with other steps that look at no character beyond a boundary (<see cref="WordBoundaries"/>): a text is cut at
/// those as it stands, and what was seen before needs no work: neither clean-up nor lower case nor pieces.
/// </summary>
internal sealed class WordByWord
{
    private readonly PieceCache _cache = new();
    private readonly bool _cutsIdeographs;

    private WordByWord(bool cutsIdeographs) => _cutsIdeographs = cutsIdeographs;

    /// <summary>Null for a tokenizer that has to see more than a word.</summary>
    /// <param name="matchesNormalized">Added tokens are looked for in the normalised text, where they may cover several words.</param>
    public static WordByWord? For(TokenizerParts parts, bool matchesNormalized) =>
        parts is { PreTokenizers: [BertPreTokenizer, ..], Trim: null } && !matchesNormalized
            && parts.PreTokenizers.Skip(1).All(p => p is SplitPreTokenizer) && parts.Normalizers.All(n => n.StaysInWords)
            ? new WordByWord(parts.Normalizers.Any(n => n is BertNormalizer { SplitsChineseCharacters: true }))
            : null;

    /// <summary>Appends the pieces of a part of a text.</summary>
    /// <param name="encode">Appends the pieces of a part of the text without this, with their places in the text.</param>
    public void Encode(string text, int start, int end, List<PieceOccurrence> pieces, Action<int, int> encode)
    {
        var characters = text.AsSpan(0, end);
        for (var position = start; position < characters.Length;)
        {
            var first = position;
            var kind = KindAt(characters, position);
            var hash = PieceCache.AddHash(PieceCache.StartHash, characters[position++]);
            if (kind == WordBoundaries.Kind.Blank)
            {
                continue;
            }

            while (kind == WordBoundaries.Kind.Inside && position < characters.Length && KindAt(characters, position) == WordBoundaries.Kind.Inside)
            {
                hash = PieceCache.AddHash(hash, characters[position++]);
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

    private WordBoundaries.Kind KindAt(ReadOnlySpan<char> text, int position)
    {
        var c = text[position];
        var kind = WordBoundaries.Of(c);
        var isLetter = kind == WordBoundaries.Kind.Ideograph ? !_cutsIdeographs
            : WordBoundaries.MayBeStruckThrough(c) && position + 1 < text.Length && text[position + 1] >= 128;
        return isLetter ? WordBoundaries.Kind.Inside : kind;
    }
}
