namespace Splade.Encoding.Tokenizing;

/// <summary>Writes a set of characters as the ranges of an item in brackets; null leaves it as it stands.</summary>
internal delegate string? SetWriter(string name, string ranges, bool negated);
