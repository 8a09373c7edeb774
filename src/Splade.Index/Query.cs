using System.Collections.Immutable;

namespace Splade.Index;

/// <summary>What a segment can score. Scores are never negative.</summary>
public abstract record Query(float Boost);

/// <summary>Every live document, with score <see cref="Query.Boost"/>.</summary>
public sealed record MatchAllQuery(float Boost = 1f) : Query(Boost);

/// <summary>No document. What a query on an unmapped field becomes.</summary>
public sealed record MatchNoneQuery() : Query(0f);

/// <summary>
/// Dot product of the query vector and the document's vector in <paramref name="Field"/>, times the boost. A document without a common
/// feature does not match. One feature of weight 1 is a term query.
/// </summary>
public sealed record SparseVectorQuery(string Field, ImmutableArray<FeatureWeight> Features, float Boost = 1f) : Query(Boost);

/// <summary>The sum of several dot products, in one pass: fields with a weight each (the clauses' boosts), e.g. a model's vector and the terms of the text.</summary>
public sealed record SumQuery(ImmutableArray<SparseVectorQuery> Clauses, float Boost = 1f) : Query(Boost);
