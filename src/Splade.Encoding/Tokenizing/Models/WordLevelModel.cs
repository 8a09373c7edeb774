namespace Splade.Encoding.Tokenizing.Models;

/// <summary>Whole words of the vocabulary; every other word is one unknown token.</summary>
/// <param name="unknownToken">May be absent from the vocabulary, as in the reference; then a text with an unknown word is refused.</param>
internal sealed class WordLevelModel(Vocabulary vocabulary, string unknownToken) : IPieceModel
{
    private readonly int? _unknown = vocabulary.Find(unknownToken);

    /// <exception cref="TokenizationException">An unknown word, and the vocabulary has no token for it.</exception>
    public void Encode(NormalizedText text, int start, int end, List<PieceOccurrence> pieces)
    {
        var word = text.Characters[start..end];
        var id = vocabulary.TryGetId(word, out var known) ? known
            : _unknown ?? throw new TokenizationException($"The vocabulary lacks the word [{word}] and the token [{unknownToken}] for unknown words.");
        pieces.Add(new PieceOccurrence(id, text.Start(start), text.End(end - 1)));
    }
}
