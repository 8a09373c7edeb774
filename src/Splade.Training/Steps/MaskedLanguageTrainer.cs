using Splade.Training.Networks;
using Splade.Training.Optimization;
using Splade.Training.Schedules;
using static TorchSharp.torch;

namespace Splade.Training.Steps;

/// <summary>Steps of masked-language-model pretraining: mean cross-entropy over the predicted positions.</summary>
internal sealed class MaskedLanguageTrainer(BertNetwork network, AdamW optimizer)
{
    public required LearningRateSchedule LearningRate { get; init; }

    public required double PeakLearningRate { get; init; }

    public double? MaximumGradientNorm { get; init; } = 1;

    /// <param name="step">0 for the first step.</param>
    /// <exception cref="TrainingDivergedException">Loss or gradient is not finite.</exception>
    public StepReport Step(MaskedBatch batch, int step)
    {
        var loss = Backward(batch);
        var norm = GradientClipping.Clip(network.Parameters, MaximumGradientNorm);
        TrainingDivergedException.Check(step, loss, norm);
        optimizer.Step(LearningRate.At(step));
        return new StepReport(loss, loss, 0, 0, norm, PeakLearningRate * LearningRate.At(step));
    }

    internal double Backward(MaskedBatch batch)
    {
        network.Parameters.ZeroGradients();
        using var scope = NewDisposeScope();
        var states = network.Encode(batch.Texts.Ids, batch.Texts.Mask);

        // Only the predicted positions go through the head: its decoder is most of a small network's work.
        var predicted = states.reshape(-1, states.shape[2]).index_select(0, batch.Positions);
        var loss = nn.functional.cross_entropy(network.Decode(network.Transform(predicted)), batch.Targets);
        loss.backward();
        return loss.item<float>();
    }
}
