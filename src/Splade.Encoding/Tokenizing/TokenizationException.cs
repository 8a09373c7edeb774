namespace Splade.Encoding.Tokenizing;

/// <summary>A text that a model's tokenizer can't cut.</summary>
public sealed class TokenizationException(string message, Exception? inner = null) : Exception(message, inner);
