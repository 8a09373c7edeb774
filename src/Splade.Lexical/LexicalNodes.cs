namespace Splade.Lexical;

/// <summary>Names of what the lexical part of a graph has made.</summary>
/// <param name="Weights">[batch, vocabulary].</param>
/// <param name="Places">[batch, n]: vocabulary ids of all weights that are not 0; some occur more than once.</param>
/// <param name="Counted">[batch, sequence]: 1 for tokens that carry weight.</param>
/// <param name="Length">[batch, 1]: their number.</param>
internal sealed record LexicalNodes(string Weights, string Places, string Counted, string Length);
