using System.Collections.Immutable;

namespace Splade.Encoding;

/// <summary>A sparse vector over a model's vocabulary.</summary>
/// <param name="Indices">Ascending vocabulary ids.</param>
/// <param name="Weights">Positive, as long as <paramref name="Indices"/>.</param>
/// <param name="TokenCount">Tokens of all passages, special ones included.</param>
/// <param name="Truncated">The end of the text was left out.</param>
public sealed record EncodedText(int[] Indices, float[] Weights, int TokenCount, bool Truncated)
{
    /// <summary>Passages that the text was cut into.</summary>
    public int Passages { get; init; } = 1;

    /// <summary>
    /// With <see cref="Passages.PassageScoring.Passage"/> the vectors of the second passage and those after it, in their order; this one is that of the first. Else empty.
    /// </summary>
    public ImmutableArray<PassageVector> FurtherPassages { get; init; } = [];

    /// <summary>Entries before pruning.</summary>
    public int UnprunedCount { get; init; } = Indices.Length;

    /// <summary>
    /// Of a query whose model asks for it: the shipped inverse document frequency of each entry, 0 where it has none. The searcher multiplies a
    /// weight by (idf of the collection / shipped idf) ^ <see cref="CollectionIdfShare"/>.
    /// </summary>
    public float[]? ShippedIdf { get; init; }

    /// <summary>How much of a query's inverse document frequencies is the collection's: 0.5 is the geometric mean with the shipped ones, 1 the collection's alone.</summary>
    public float CollectionIdfShare { get; init; } = DefaultCollectionIdfShare;

    public const float DefaultCollectionIdfShare = 0.5f;

    /// <summary>
    /// The collection's document frequencies count documents in which the term has at least this weight: those that have it themselves, where an expansion adds terms with
    /// smaller weights.
    /// </summary>
    public float CountedFrom { get; init; }
}

/// <summary>The sparse vector of one passage of a text.</summary>
/// <param name="Indices">Ascending vocabulary ids.</param>
/// <param name="Weights">Positive, as long as <paramref name="Indices"/>.</param>
public sealed record PassageVector(int[] Indices, float[] Weights);

/// <summary>A token and its [start, end) in UTF-16 code units of the text.</summary>
public readonly record struct TextToken(string Token, int Id, int Start, int End);
