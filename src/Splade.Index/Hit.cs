using System.Collections.Immutable;
using System.Globalization;

namespace Splade.Index;

/// <summary>A document found by a search. An id that is stored as a number becomes text when it is read.</summary>
public readonly struct Hit : IEquatable<Hit>
{
    private readonly string? _id;
    private readonly ulong _number;
    private readonly int _digits;

    public Hit(string id, double score) => (_id, Score) = (id, score);

    /// <param name="number">The id.</param>
    /// <param name="digits">Digits of its text, with zeros in front; fewer do not shorten it.</param>
    /// <param name="score">The score.</param>
    internal Hit(ulong number, int digits, double score) => (_number, _digits, Score) = (number, digits, score);

    public string Id => _id ?? _number.ToString(CultureInfo.InvariantCulture).PadLeft(_digits, '0');

    public double Score { get; }

    public static bool operator ==(Hit left, Hit right) => left.Equals(right);

    public static bool operator !=(Hit left, Hit right) => !left.Equals(right);

    public bool Equals(Hit other) => Score.Equals(other.Score) && Id == other.Id;

    public override bool Equals(object? obj) => obj is Hit other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Id, Score);

    public override string ToString() => $"{Id} {Score}";
}

/// <summary>The best documents of a search by (score descending, id ascending by UTF-8 bytes), and how many matched in all.</summary>
/// <param name="Hits">At most k.</param>
/// <param name="Total">Matching live documents; exact up to <see cref="SearchOptions.CountLimit"/>.</param>
/// <param name="TotalIsLowerBound">More may match.</param>
/// <param name="Statistics">What it took.</param>
public sealed record TopHits(ImmutableArray<Hit> Hits, long Total, bool TotalIsLowerBound, SearchStatistics Statistics)
{
    public static TopHits Empty { get; } = new([], 0, false, default);
}

/// <summary>A search whose hits went into memory of the caller.</summary>
/// <param name="Count">How many hits there are.</param>
/// <param name="Total">Matching live documents; exact up to <see cref="SearchOptions.CountLimit"/>.</param>
/// <param name="TotalIsLowerBound">More may match.</param>
/// <param name="Statistics">What it took.</param>
public readonly record struct HitCount(int Count, long Total, bool TotalIsLowerBound, SearchStatistics Statistics);

/// <summary>What one query feature contributed to a document's score: query weight x document weight x boost.</summary>
public sealed record FeatureContribution(string Field, string Feature, float QueryWeight, float DocumentWeight, double Contribution);

/// <summary>Why a document has its score. <see cref="Contributions"/> is in descending order and sums to <see cref="Score"/>.</summary>
public sealed record ScoreExplanation(bool Matched, double Score, ImmutableArray<FeatureContribution> Contributions);
