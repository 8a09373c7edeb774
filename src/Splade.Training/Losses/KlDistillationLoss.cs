using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>
/// Kullback-Leibler divergence of the student's distribution over a row's documents from the teacher's, mean over rows, times the squared student
/// temperature so that the gradient keeps its size (Hinton et al. 2015).
/// </summary>
internal sealed record KlDistillationLoss(double StudentTemperature = 1, double TeacherTemperature = 1) : IRankingLoss
{
    public Tensor Compute(Tensor queries, IReadOnlyList<Tensor> documents, Tensor? labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.shape[1] != documents.Count)
        {
            throw new ArgumentException($"KL distillation needs {documents.Count} scores a row; there are {labels.shape[1]}.", nameof(labels));
        }

        // In float64: where student and teacher nearly agree, their logarithms differ in the last digits of a float32.
        var student = nn.functional.log_softmax(Scores.OfRows(queries, documents).to(ScalarType.Float64) / StudentTemperature, 1);
        var teacher = nn.functional.log_softmax(labels.to(ScalarType.Float64) / TeacherTemperature, 1);
        return ((teacher.exp() * (teacher - student)).sum(1).mean() * (StudentTemperature * StudentTemperature)).to(queries.dtype);
    }
}
