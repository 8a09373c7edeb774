using System.Collections.Immutable;

namespace Splade.Index;

/// <summary>A document found by a search.</summary>
public readonly record struct Hit(string Id, float Score);

/// <summary>The best documents of a search by (score descending, id ascending by UTF-8 bytes), and how many matched in all.</summary>
/// <param name="Hits">At most k.</param>
/// <param name="Total">Exact count of matching live documents.</param>
public sealed record TopHits(ImmutableArray<Hit> Hits, long Total)
{
    public static TopHits Empty { get; } = new([], 0);
}

/// <summary>What one query feature contributed to a document's score: query weight x document weight x boost.</summary>
public sealed record FeatureContribution(string Field, string Feature, float QueryWeight, float DocumentWeight, float Contribution);

/// <summary>Why a document has its score. <see cref="Contributions"/> is in descending order and sums to <see cref="Score"/>.</summary>
public sealed record ScoreExplanation(bool Matched, float Score, ImmutableArray<FeatureContribution> Contributions);
