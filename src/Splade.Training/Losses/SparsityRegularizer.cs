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
    /// <returns>A scalar, not yet weighted.</returns>
    public Tensor Compute(Tensor vectors)
    {
        var weights = vectors;
        if (Threshold is { } threshold)
        {
            weights = weights * (vectors.ne(0).sum(1, keepdim: true) > threshold).to(vectors.dtype);
        }

        return Norm == SparsityNorm.Flops ? weights.mean([0L]).square().sum() : weights.abs().sum(1).mean();
    }
}
