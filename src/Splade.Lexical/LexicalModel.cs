using Splade.Encoding.Packages;

namespace Splade.Lexical;

/// <summary>A lexical model in memory.</summary>
/// <param name="Pieces">The vocabulary by id.</param>
/// <param name="MainPieces">How many of them, from the first on, are of the main language.</param>
/// <param name="Idf">Inverse document frequencies by id.</param>
/// <param name="HasWeight">False for pieces that carry no weight: endings, stop words, punctuation.</param>
/// <param name="Languages">Where a piece is more common, by id.</param>
/// <param name="Words">Words of the main language and how often they occur.</param>
/// <param name="Pairs">Dimensions for pairs of pieces, the last ones of the vocabulary; null for none.</param>
internal sealed record LexicalModel(
    string[] Pieces, int MainPieces, float[] Idf, bool[] HasWeight, PieceLanguage[] Languages, IReadOnlyDictionary<string, int> Words, PiecePairs? Pairs = null);
