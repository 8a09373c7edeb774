using Splade.Training.Losses;
using Splade.Training.Networks;
using Splade.Training.Optimization;
using Splade.Training.Schedules;
using static TorchSharp.torch;

namespace Splade.Training.Steps;

/// <summary>
/// Steps of SPLADE training, in the order of sentence-transformers' trainer: regulariser weights of the step, forward, backward, clipping, AdamW.
/// </summary>
internal sealed class SpladeTrainer(SpladeModel model, SpladeLoss loss, AdamW optimizer)
{
    public required LearningRateSchedule LearningRate { get; init; }

    public required WeightSchedule DocumentWeight { get; init; }

    public required WeightSchedule QueryWeight { get; init; }

    /// <summary>Peak rate, for the report.</summary>
    public required double PeakLearningRate { get; init; }

    /// <summary>Largest norm of the gradient; null: not clipped.</summary>
    public double? MaximumGradientNorm { get; init; } = 1;

    /// <param name="parts">Batches whose mean loss the step takes, one after the other (gradient accumulation); usually one.</param>
    /// <param name="step">0 for the first step.</param>
    /// <exception cref="TrainingDivergedException">Loss or gradient is not finite.</exception>
    public StepReport Step(IReadOnlyList<SpladeBatch> parts, int step)
    {
        var report = Backward(parts, step);
        var norm = Update(step, report.Loss);
        return report with { GradientNorm = norm, LearningRate = PeakLearningRate * LearningRate.At(step) };
    }

    /// <summary>Forward and backward: afterwards every parameter has its gradient.</summary>
    internal StepReport Backward(IReadOnlyList<SpladeBatch> parts, int step)
    {
        model.Network.Parameters.ZeroGradients();
        return StepReport.Mean([.. parts.Select(p => Backward(p, step, 1.0 / parts.Count))]);
    }

    private StepReport Backward(SpladeBatch batch, int step, double share)
    {
        using var scope = NewDisposeScope();
        var queries = model.Queries(batch.Queries, batch.Columns);
        Tensor[] documents = [.. batch.Documents.Select(d => model.Documents(d, batch.Columns))];
        var parts = loss.Compute(queries, documents, batch.Labels, DocumentWeight.At(step), QueryWeight.At(step), batch.ColumnWeights);
        (share == 1 ? parts.Total : parts.Total * share).backward();
        return new StepReport(Value(parts.Total), Value(parts.Base), Value(parts.Documents), Value(parts.Queries), 0, 0)
        {
            DocumentTerms = documents.Average(d => Terms(d, batch.ColumnWeights)),
            QueryTerms = Terms(queries, batch.ColumnWeights),
        };
    }

    /// <summary>Clipping and the optimiser's step.</summary>
    /// <returns>Norm of the gradient before clipping.</returns>
    /// <exception cref="TrainingDivergedException">Loss or gradient is not finite; no weight has changed.</exception>
    internal double Update(int step, double loss)
    {
        var norm = GradientClipping.Clip(model.Network.Parameters, MaximumGradientNorm);
        TrainingDivergedException.Check(step, loss, norm);
        optimizer.Step(LearningRate.At(step));
        return norm;
    }

    private static double Value(Tensor? scalar) => scalar is null ? 0 : scalar.item<float>();

    private static double Terms(Tensor vectors, Tensor? columnWeights)
    {
        var present = vectors.ne(0).to(ScalarType.Float32);
        return (columnWeights is null ? present : present * columnWeights).sum().item<float>() / vectors.shape[0];
    }
}
