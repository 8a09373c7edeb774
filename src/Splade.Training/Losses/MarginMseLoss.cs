using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>
/// Margin-MSE (Hofstätter et al. 2020): mean squared difference between the student's and the teacher's margin of positive over negative.
/// Labels of one column for each negative are margins; with one more column they are scores of positive and negatives.
/// </summary>
internal sealed class MarginMseLoss : IRankingLoss
{
    public Tensor Compute(Tensor queries, IReadOnlyList<Tensor> documents, Tensor? labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var negatives = documents.Count - 1;
        if (negatives < 1 || (labels.shape[1] != negatives && labels.shape[1] != documents.Count))
        {
            throw new ArgumentException($"Margin-MSE needs negatives, and labels of {negatives} margins or {documents.Count} scores a row; there are {labels.shape[1]}.", nameof(labels));
        }

        var wanted = labels.shape[1] == negatives ? labels : Margins(labels);
        return (Margins(Scores.OfRows(queries, documents)) - wanted).square().mean();
    }

    private static Tensor Margins(Tensor scores) => scores.narrow(1, 0, 1) - scores.narrow(1, 1, scores.shape[1] - 1);
}
