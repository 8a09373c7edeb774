namespace Splade.Encoding;

/// <summary>A dense vector of a text.</summary>
/// <param name="TokenCount">Tokens of all passages, special ones included.</param>
/// <param name="Truncated">The end of the text was left out.</param>
/// <param name="Passages">Passages that the text was cut into.</param>
public sealed record EmbeddedText(float[] Vector, int TokenCount, bool Truncated, int Passages);
