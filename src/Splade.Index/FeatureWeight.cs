namespace Splade.Index;

/// <summary>One non-zero entry of a sparse vector: a feature (a token of a vocabulary, or any string) and its weight.</summary>
/// <param name="Feature">Name of the feature; any text, dots included, also the empty one.</param>
/// <param name="Weight">Positive and finite.</param>
public readonly record struct FeatureWeight(string Feature, float Weight);
