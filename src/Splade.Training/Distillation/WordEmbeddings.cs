using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>Where the embeddings start: a piece as the mean of its words' vectors, the more frequent counting more. Without this the student stays far from its teacher.</summary>
internal static class WordEmbeddings
{
    /// <summary>Length of the random vectors of pieces that no word begins with.</summary>
    private const double UnknownLength = 0.5;

    /// <param name="vectors">[words, dimensions].</param>
    /// <returns>[rows, dimensions].</returns>
    public static Tensor Of(IReadOnlyList<(int Piece, string Word, int Count)> words, Tensor vectors, int rows, int seed)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        var pieces = tensor(words.Select(w => (long)w.Piece).ToArray());
        var weights = tensor(words.Select(w => MathF.Sqrt(Math.Max(1, w.Count))).ToArray()).unsqueeze(1);
        var sums = zeros(rows, vectors.shape[1]).index_add_(0, pieces, vectors * weights, 1);
        var known = zeros(rows, 1).index_add_(0, pieces, weights, 1).gt(0);
        var random = nn.functional.normalize(randn(rows, vectors.shape[1]), dim: 1) * UnknownLength;
        return where(known, nn.functional.normalize(sums, dim: 1), random).MoveToOuterDisposeScope();
    }
}
