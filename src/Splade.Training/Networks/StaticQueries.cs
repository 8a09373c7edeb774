using static TorchSharp.torch;

namespace Splade.Training.Networks;

/// <summary>Inference-free queries: a weight for each piece of the vocabulary, learned; a query's vector has each of its pieces once.</summary>
internal static class StaticQueries
{
    public const string Parameter = "query_token_weights";

    /// <param name="ids">[batch, sequence], without special tokens.</param>
    /// <param name="mask">[batch, sequence], bool.</param>
    /// <param name="weights">[vocabulary].</param>
    /// <returns>[batch, vocabulary].</returns>
    public static Tensor Encode(Tensor ids, Tensor mask, Tensor weights)
    {
        Tensor presence;
        using (no_grad())
        {
            // Padding adds 0 to some column.
            presence = zeros([ids.shape[0], weights.shape[0]]).scatter_add_(1, ids, mask.to(ScalarType.Float32)).gt(0).to(ScalarType.Float32);
        }

        return presence * weights;
    }
}
