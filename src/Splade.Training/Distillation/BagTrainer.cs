using Splade.Training.Optimization;
using Splade.Training.Schedules;
using Splade.Training.Steps;
using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>Steps of the distillation: the network and, at half the weight, the query without a network learn the teacher's vectors.</summary>
internal sealed class BagTrainer(BagNetwork network, AdamW optimizer, int steps)
{
    private const double QueryShare = 0.5;
    private const double EmbeddingRate = 4e-4;
    private const double TableRate = 2e-3;
    private const double MatrixRate = 1.2e-3;
    private const double MaximumGradientNorm = 1;
    private const int WarmupSteps = 100;
    private static readonly string[] Tables = [BagNetwork.Prior, BagNetwork.QueryWeights];
    private readonly LearningRateSchedule _rates = new(Math.Min(WarmupSteps, steps / 10), steps);

    public static AdamW Optimizer(BagNetwork network) => new(
        network.Parameters,
        [
            new ParameterGroup([BagNetwork.Embeddings], EmbeddingRate, 0),
            new ParameterGroup(Tables, TableRate, 0),
            new ParameterGroup([.. network.Parameters.Select(p => p.Key).Where(n => n != BagNetwork.Embeddings && !Tables.Contains(n))], MatrixRate, 0),
        ],
        beta2: 0.98);

    /// <param name="step">0 for the first step.</param>
    /// <exception cref="TrainingDivergedException">Loss or gradient is not finite.</exception>
    public StepReport Step(BagBatch batch, int step)
    {
        using var scope = NewDisposeScope();
        network.Parameters.ZeroGradients();
        var embedded = network.Embed(batch.Texts.Ids);
        var documents = BagLoss.Of(network.Encode(batch.Texts, embedded), batch.Targets);
        var queries = BagLoss.Of(network.EncodeQuery(batch.Texts.Ids, batch.Counts, embedded), batch.Targets);
        var loss = documents + (queries * QueryShare);
        loss.backward();
        var norm = GradientClipping.Clip(network.Parameters, MaximumGradientNorm);
        var value = loss.item<float>();
        TrainingDivergedException.Check(step, value, norm);
        optimizer.Step(_rates.At(step));
        return new StepReport(value, documents.item<float>(), 0, 0, norm, MatrixRate * _rates.At(step));
    }
}
