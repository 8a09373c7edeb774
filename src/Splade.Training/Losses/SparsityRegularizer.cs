using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>What makes vectors sparse.</summary>
internal enum SparsityNorm
{
    /// <summary>Sum over terms of the squared mean weight (Paria et al. 2020): punishes terms that are in many vectors.</summary>
    Flops,

    /// <summary>Mean over rows of the sum of weights (L1).</summary>
    L1,
}

/// <summary>A sparsity regulariser over a batch of vectors [rows, vocabulary], whose weights are not negative.</summary>
/// <param name="Threshold">
/// Rows with at most so many non-zeros are left alone (an L0 mask); they still count in the mean. Null: all rows count.
/// </param>
internal sealed record SparsityRegularizer(SparsityNorm Norm = SparsityNorm.Flops, int? Threshold = null)
{
    /// <param name="columnWeights">
    /// How many columns of the vocabulary each column stands for, [columns], where the vectors are a sample of them; null: all columns are there.
    /// </param>
    /// <returns>A scalar, not yet weighted.</returns>
    public Tensor Compute(Tensor vectors, Tensor? columnWeights = null)
    {
        if (Threshold is { } threshold)
        {
            var count = Weigh(vectors.ne(0).to(vectors.dtype), columnWeights).sum(1, keepdim: true);
            vectors = vectors * (count > threshold).to(vectors.dtype);
        }

        return Norm == SparsityNorm.Flops
            ? Weigh(vectors.mean([0L]).square(), columnWeights).sum()
            : Weigh(vectors.abs(), columnWeights).sum(1).mean();
    }

    private static Tensor Weigh(Tensor values, Tensor? columnWeights) => columnWeights is null ? values : values * columnWeights;
}
