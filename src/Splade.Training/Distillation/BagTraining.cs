using System.Diagnostics;
using System.Globalization;
using Splade.Encoding;
using Splade.Training.Checkpoints;
using Splade.Training.Networks;
using Splade.Training.Runs;
using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>Trains the network on the teacher's vectors, with checkpoints.</summary>
internal sealed class BagTraining(RunFolder folder, DistilOptions options, IRunProgress progress)
{
    /// <summary>Texts that are not trained on, to see what was learned.</summary>
    private const int HeldOut = 1000;

    /// <param name="texts">Rows of E for each text.</param>
    /// <param name="counted">By row: whether it carries weight in a query.</param>
    /// <param name="targets">[texts, dimensions].</param>
    /// <param name="start">Makes the network as it is before the first step.</param>
    /// <returns>The trained network and its mean cosine to the teacher on texts that it was not trained on.</returns>
    public (BagNetwork Network, double Cosine) Run(
        int[][] texts, bool[] counted, Tensor targets, Func<BagNetwork> start, CancellationToken cancellationToken)
    {
        var held = Math.Min(HeldOut, texts.Length / 10);
        var trained = texts.Length - held;
        var state = Checkpoint.Find(folder.CheckpointFolder, out var checkpoint);
        var network = start();
        if (state is not null)
        {
            progress.Message($"going on after step {state.Step}");
            network = Restored(network, checkpoint);
        }

        progress.Message(string.Create(CultureInfo.InvariantCulture, $"{network.Parameters.Count:N0} parameters, {network.Rows} embeddings of {network.Dimensions}"));
        using var optimizer = BagTrainer.Optimizer(network);
        if (state is not null)
        {
            Checkpoint.ReadOptimizer(checkpoint, optimizer, state.Step);
        }

        var trainer = new BagTrainer(network, optimizer, options.Steps);
        var batches = new BagBatches(texts[..trained], counted, targets.narrow(0, 0, trained), options);
        using (var metrics = new MetricsFile(folder.MetricsFile, RunStage.Training, state?.Step ?? 0))
        {
            progress.Begin("training", state?.Step ?? 0, options.Steps);
            for (var step = state?.Step ?? 0; step < options.Steps; step++)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    Checkpoint.Write(folder.CheckpointFolder, new CheckpointState(RunStage.Training, step), network.Parameters, optimizer);
                    throw new OperationCanceledException(cancellationToken);
                }

                using var scope = NewDisposeScope();
                var began = Stopwatch.GetTimestamp();
                var report = trainer.Step(batches.Batch(step), step);
                metrics.Add(RunStage.Training, step + 1, report, Stopwatch.GetElapsedTime(began));
                progress.Advance(step + 1, report);
                if ((step + 1) % options.CheckpointEvery == 0 || step + 1 == options.Steps)
                {
                    Checkpoint.Write(folder.CheckpointFolder, new CheckpointState(RunStage.Training, step + 1), network.Parameters, optimizer);
                }
            }

            progress.End();
        }

        return (network, Cosine(network, texts[trained..], targets.narrow(0, trained, held)));
    }

    private static BagNetwork Restored(BagNetwork fresh, string checkpoint)
    {
        using (fresh)
        {
            try
            {
                using var weights = Checkpoint.OpenWeights(checkpoint);
                return BagNetwork.Load(fresh.Parameters.ToDictionary(p => p.Key, p => p.Value.shape, StringComparer.Ordinal), Checkpoint.Reader(weights));
            }
            catch (ModelPackageException exception)
            {
                throw new Data.TrainingDataException($"The checkpoint can't be resumed: {exception.Message}", exception);
            }
        }
    }

    private static double Cosine(BagNetwork network, int[][] texts, Tensor targets)
    {
        const int AtATime = 100;
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var sum = 0.0;
        for (var i = 0; i < texts.Length; i += AtATime)
        {
            var part = texts[i..Math.Min(texts.Length, i + AtATime)];
            sum += (network.Encode(TokenBatch.Of(part, 0)) * targets.narrow(0, i, part.Length)).sum().item<float>();
        }

        return sum / Math.Max(1, texts.Length);
    }
}
