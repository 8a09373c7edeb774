using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>Mean squared difference between the student's and the teacher's scores of a row's documents.</summary>
internal sealed class ScoreMseLoss : IRankingLoss
{
    public Tensor Compute(Tensor queries, IReadOnlyList<Tensor> documents, Tensor? labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels.shape[1] == documents.Count
            ? (Scores.OfRows(queries, documents) - labels).square().mean()
            : throw new ArgumentException($"MSE distillation needs {documents.Count} scores a row; there are {labels.shape[1]}.", nameof(labels));
    }
}
