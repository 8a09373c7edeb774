using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>
/// What a document gets beside its own terms: alpha max(0, exp(r_j) (o . E_j) - threshold) for the best pieces of the vocabulary. r_j is by how much training moved
/// the piece's query weight from its idf: log weight - log idf, without the median, at most 0.5 either way.
/// </summary>
/// <param name="Factors">exp(r_j) for each row of E; 0 for pieces that carry no weight.</param>
/// <param name="Alpha">Weight beside the term frequency part.</param>
/// <param name="Threshold">Of a cosine, about.</param>
/// <param name="Terms">Pieces kept.</param>
internal sealed record BagExpansion(float[] Factors, float Alpha, float Threshold, int Terms)
{
    private const float Most = 0.5f;

    /// <param name="logIdf">[rows].</param>
    /// <param name="hasWeight">[rows].</param>
    public static BagExpansion Of(BagNetwork network, float[] logIdf, bool[] hasWeight, DistilOptions options)
    {
        using var scope = NewDisposeScope();
        var learned = network.Parameters[BagNetwork.QueryWeights].detach().data<float>().ToArray();
        float[] moved = [.. learned.Select((w, i) => w - logIdf[i])];
        var sorted = moved.Where((_, i) => hasWeight[i]).Order().ToArray();
        var median = sorted[sorted.Length / 2];
        return new BagExpansion(
            [.. moved.Select((r, i) => hasWeight[i] ? MathF.Exp(Math.Clamp(r - median, -Most, Most)) : 0f)],
            (float)options.ExpansionWeight,
            (float)options.ExpansionThreshold,
            options.ExpansionTerms);
    }

    /// <summary>[batch, rows] of the documents' vectors [batch, dimensions].</summary>
    public Tensor Expand(Tensor documents, BagNetwork network)
    {
        var scores = (documents.matmul(network.Parameters[BagNetwork.Embeddings].t()) * tensor(Factors) - Threshold).relu();
        var least = scores.topk(Math.Min(Terms, Factors.Length), 1).values.narrow(1, Math.Min(Terms, Factors.Length) - 1, 1);
        return scores * scores.ge(least).to(ScalarType.Float32) * Alpha;
    }
}
