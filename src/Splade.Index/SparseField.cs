using System.Collections.Immutable;

namespace Splade.Index;

/// <summary>The vector of one document in one field. Exact-match fields (keyword, number, date) are vectors of weight 1.</summary>
/// <param name="Name">Full path of the field, e.g. <c>author.name</c>.</param>
/// <param name="Features">In any order. Of a feature that is there twice, the larger weight counts.</param>
public sealed record SparseField(string Name, ImmutableArray<FeatureWeight> Features);
