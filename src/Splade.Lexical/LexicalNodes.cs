namespace Splade.Lexical;

/// <summary>Names of what the lexical part of a graph has made.</summary>
/// <param name="Weights">[batch, vocabulary].</param>
/// <param name="Places">[batch, n]: vocabulary ids of all weights that are not 0; some occur more than once.</param>
internal sealed record LexicalNodes(string Weights, string Places);
