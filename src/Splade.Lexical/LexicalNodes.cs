namespace Splade.Lexical;

/// <summary>Names of what the lexical part of a graph has made.</summary>
/// <param name="Weights">[batch, vocabulary].</param>
/// <param name="Counted">[batch, sequence]: 1 for tokens that carry weight.</param>
/// <param name="Length">[batch, 1]: their number.</param>
internal sealed record LexicalNodes(string Weights, string Counted, string Length);
