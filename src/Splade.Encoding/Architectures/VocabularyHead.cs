namespace Splade.Encoding.Architectures;

/// <summary>The end of a masked language model: logits = hidden x table^T + bias.</summary>
/// <param name="Hidden">[batch, sequence, hidden] after the head's own transformation.</param>
/// <param name="Table">[vocabulary, hidden], mostly the word embeddings themselves.</param>
/// <param name="Bias">[vocabulary]; null for none.</param>
internal sealed record VocabularyHead(string Hidden, string Table, string? Bias);
