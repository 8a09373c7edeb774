using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>
/// How far the student's vectors are from the teacher's: 3 (1 - cosine), and the Kullback-Leibler divergence of the softmax over the teacher's vectors
/// of the batch (temperature 0.05), so that what is told apart stays apart.
/// </summary>
internal static class BagLoss
{
    private const double CosineWeight = 3;
    private const double Temperature = 0.05;

    /// <param name="student">[batch, dimensions], of length 1.</param>
    /// <param name="teacher">[batch, dimensions], of length 1.</param>
    public static Tensor Of(Tensor student, Tensor teacher)
    {
        var cosine = (student * teacher).sum(1).mean();
        var wanted = (teacher.matmul(teacher.t()) / Temperature).log_softmax(1);
        var got = (student.matmul(teacher.t()) / Temperature).log_softmax(1);
        var divergence = (wanted.exp() * (wanted - got)).sum(1).mean();
        return ((1 - cosine) * CosineWeight) + divergence;
    }
}
