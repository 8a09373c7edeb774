namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>What becomes of the delimiters that a text is split at.</summary>
internal enum SplitBehavior
{
    Removed,

    /// <summary>A word of its own.</summary>
    Isolated,

    MergedWithPrevious,
    MergedWithNext,

    /// <summary>Neighbouring delimiters are one word.</summary>
    Contiguous,
}
