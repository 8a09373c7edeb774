using System.Collections.Immutable;

namespace Splade.Index;

/// <summary>A document found by a search.</summary>
public readonly record struct Hit(string Id, double Score);

/// <summary>The best documents of a search by (score descending, id ascending by UTF-8 bytes), and how many matched in all.</summary>
/// <param name="Hits">At most k.</param>
/// <param name="Total">Matching live documents; exact up to <see cref="SearchOptions.CountLimit"/>.</param>
/// <param name="TotalIsLowerBound">More may match.</param>
/// <param name="Statistics">What it took.</param>
public sealed record TopHits(ImmutableArray<Hit> Hits, long Total, bool TotalIsLowerBound, SearchStatistics Statistics)
{
    public static TopHits Empty { get; } = new([], 0, false, default);
}

/// <summary>What one query feature contributed to a document's score: query weight x document weight x boost.</summary>
public sealed record FeatureContribution(string Field, string Feature, float QueryWeight, float DocumentWeight, double Contribution);

/// <summary>Why a document has its score. <see cref="Contributions"/> is in descending order and sums to <see cref="Score"/>.</summary>
public sealed record ScoreExplanation(bool Matched, double Score, ImmutableArray<FeatureContribution> Contributions);
