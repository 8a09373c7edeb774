namespace Splade.Evaluation.Collections;

/// <summary>One row of a vector collection.</summary>
/// <param name="Id">External id; the row number from 0 where the format has none.</param>
/// <param name="Terms">Numbers of the features in the collection's <see cref="Vocabulary"/>, each once, in the order of the file.</param>
/// <param name="Weights">As many as terms; finite, as they stand in the file (zeros and negative ones too).</param>
/// <param name="Contents">The text beside the vector; null where there is none.</param>
public sealed record SparseVector(string Id, int[] Terms, float[] Weights, string? Contents = null);
