using Splade.Training.Losses;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>Losses of small numbers worked out by hand.</summary>
[Collection(TorchTests.Name)]
public sealed class LossTests
{
    private static readonly Tensor Vectors = tensor(new float[] { 1, 0, 2, 0, 0, 0, 3, 4, 0 }).reshape(3, 3);

    [Fact]
    public void Flops_is_the_sum_of_squared_means()
    {
        // Means (4/3, 4/3, 2/3): squares 16/9 + 16/9 + 4/9 = 4.
        new SparsityRegularizer().Compute(Vectors).item<float>().ShouldBe(4f, 1e-6f);

        // Columns that stand for 1, 2 and 3: 16/9 + 32/9 + 12/9.
        new SparsityRegularizer().Compute(Vectors, tensor(new float[] { 1, 2, 3 })).item<float>().ShouldBe(60f / 9, 1e-5f);
    }

    [Fact]
    public void L1_is_the_mean_of_the_sums() => new SparsityRegularizer(SparsityNorm.L1).Compute(Vectors).item<float>().ShouldBe(10f / 3, 1e-6f);

    [Theory]
    [InlineData(1, 4f)]
    [InlineData(2, 0f)]
    public void Rows_within_the_threshold_are_left_alone(int threshold, float expected) =>
        new SparsityRegularizer(SparsityNorm.Flops, threshold).Compute(Vectors).item<float>().ShouldBe(expected, 1e-6f);

    [Fact]
    public void In_batch_loss_of_equal_scores_is_the_logarithm_of_the_candidates()
    {
        var equal = ones(4, 3);
        new InBatchNegativesLoss().Compute(equal, [equal, equal], null).item<float>().ShouldBe(MathF.Log(8), 1e-5f);
    }

    [Fact]
    public void A_student_that_agrees_with_its_teacher_has_no_distillation_loss()
    {
        var query = tensor(new float[] { 1, 0, 0, 1 }).reshape(2, 2);
        var (positive, negative) = (tensor(new float[] { 3, 0, 0, 2 }).reshape(2, 2), tensor(new float[] { 1, 0, 0, 1 }).reshape(2, 2));
        var labels = tensor(new float[] { 3, 1, 2, 1 }).reshape(2, 2);
        new KlDistillationLoss().Compute(query, [positive, negative], labels).item<float>().ShouldBe(0, 1e-6f);
        new MarginMseLoss().Compute(query, [positive, negative], labels).item<float>().ShouldBe(0, 1e-6f);
        new MarginMseLoss().Compute(query, [positive, negative], labels.narrow(1, 1, 1)).item<float>().ShouldBe(0.5f, 1e-6f);
        new ScoreMseLoss().Compute(query, [positive, negative], labels + 2).item<float>().ShouldBe(4, 1e-6f);
        Should.Throw<ArgumentException>(() => new KlDistillationLoss().Compute(query, [positive], labels));
    }

    [Theory]
    [InlineData(1e-1)]
    [InlineData(1e-2)]
    [InlineData(1e-3)]
    public void Kl_of_a_student_that_nearly_agrees_keeps_its_digits(float step)
    {
        // Even teacher, scores 1, 1 + step, 1 + 2 step, so KL = log mean exp(s) - mean(s).
        double[] scores = [1, 1 + step, 1 + (2 * step)];
        scores = [.. scores.Select(s => (double)(float)s)];
        var expected = Math.Log(scores.Average(s => Math.Exp(s - scores[1]))) - (scores.Average() - scores[1]);
        Tensor[] documents = [.. scores.Select(s => tensor(new[] { (float)s }).reshape(1, 1))];
        var loss = new KlDistillationLoss().Compute(ones(1, 1), documents, full([1, 3], 1.5f)).item<float>();
        ((double)loss).ShouldBe(expected, expected * 3e-6);
    }
}
