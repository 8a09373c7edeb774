namespace Splade.Lexical;

/// <summary>Settings of a lexical model. The defaults are those of the default model.</summary>
public sealed record LexicalModelOptions
{
    /// <summary>Word classes of the language with the most text.</summary>
    public int MainClasses { get; init; } = 30_000;

    /// <summary>Word classes of every other language.</summary>
    public int OtherClasses { get; init; } = 5_000;

    /// <summary>Characters of scripts without blanks (Han, kana), over all languages.</summary>
    public int Ideographs { get; init; } = 5_000;

    /// <summary>Pieces for words of the main language that no class covers: beginnings, and as many continuations; a quarter of it for every other language.</summary>
    public int FallbackPieces { get; init; } = 2_400;

    /// <summary>
    /// Dimensions for pairs of neighbouring pieces (<see cref="Encoding.Packages.PiecePairs"/>), by a hash; 0 for none. With them the model has the tokenizer of
    /// <see cref="LexicalTokenizer"/> and all Chinese characters of Unicode's first block.
    /// </summary>
    public int Pairs { get; init; }

    /// <summary>How much a piece counts that is in a pair; alone it counts 1.</summary>
    public float PairShare { get; init; } = 0.3f;

    /// <summary>How much a character, or a pair of them, adds to the length of a document in a script without blanks, where there are more of them than of words.</summary>
    public float UnspacedLength { get; init; } = 0.2f;

    /// <summary>A word must occur so often to be in a class.</summary>
    public int MinimumCount { get; init; } = 3;

    /// <summary>Words of the main language that get their place however rare the texts have them: a list of words in general use.</summary>
    public IReadOnlySet<string> KnownWords { get; init; } = new HashSet<string>();

    /// <summary>Passages taken of each file.</summary>
    public int PassagesPerFile { get; init; } = 40_000;

    /// <summary>Saturation of the term frequency, as k1 of BM25.</summary>
    public float Saturation { get; init; } = 0.9f;

    /// <summary>Share of the length in its norm, as b of BM25.</summary>
    public float LengthShare { get; init; } = 0.6f;

    /// <summary>Length of an average document, in pieces with weight.</summary>
    public float AverageLength { get; init; } = 60f;

    /// <summary>Longest document, in pieces.</summary>
    public int MaxTokens { get; init; } = 1024;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MainClasses, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(OtherClasses);
        ArgumentOutOfRangeException.ThrowIfNegative(Ideographs);
        ArgumentOutOfRangeException.ThrowIfNegative(FallbackPieces);
        ArgumentOutOfRangeException.ThrowIfNegative(Pairs);
        ArgumentOutOfRangeException.ThrowIfLessThan(PairShare, 0f);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PairShare, 1f);
        ArgumentOutOfRangeException.ThrowIfLessThan(UnspacedLength, 0f);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(UnspacedLength, 1f);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PassagesPerFile, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Saturation, 0f);
        ArgumentOutOfRangeException.ThrowIfLessThan(LengthShare, 0f);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LengthShare, 1f);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AverageLength, 0f);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTokens, 16);
    }
}
