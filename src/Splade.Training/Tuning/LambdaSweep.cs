using System.Globalization;
using Splade.Training.Data;
using Splade.Training.Runs;

namespace Splade.Training.Tuning;

/// <summary>
/// Trains a model for each regulariser weight. Vocabulary, pretraining and examples are made once and shared; a sweep that was stopped goes on where it was.
/// </summary>
internal sealed class LambdaSweep(string folder, TrainOptions options, IRunProgress progress)
{
    /// <returns>The weights with their packages.</returns>
    public IReadOnlyList<(double Lambda, string Package)> Train(IReadOnlyList<double> lambdas, CancellationToken cancellationToken)
    {
        var shared = new RunFolder(Path.Combine(folder, "shared"));
        CheckSame(shared, options);
        shared.DeleteLeftovers();
        new TrainingRun(shared, options, progress).Prepare(cancellationToken);
        return [.. lambdas.Select(lambda => (lambda, Train(shared, lambda, cancellationToken)))];
    }

    private string Train(RunFolder shared, double lambda, CancellationToken cancellationToken)
    {
        progress.Message(string.Create(CultureInfo.InvariantCulture, $"lambda {lambda}"));
        var own = options with { LambdaDocuments = lambda };
        var run = new RunFolder(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"lambda-{lambda}")));
        CheckSame(run, own);
        if (!run.HasRun)
        {
            Directory.CreateDirectory(run.Root);
            foreach (var file in new[] { shared.VocabularyFile, shared.ExamplesFile, shared.MetricsFile }.Where(File.Exists))
            {
                File.Copy(file, Path.Combine(run.Root, Path.GetFileName(file)), overwrite: true);
            }

            if (Directory.Exists(shared.CheckpointFolder))
            {
                Directory.CreateDirectory(run.CheckpointFolder);
                foreach (var file in Directory.EnumerateFiles(shared.CheckpointFolder))
                {
                    File.Copy(file, Path.Combine(run.CheckpointFolder, Path.GetFileName(file)), overwrite: true);
                }
            }
        }

        new TrainingRun(run, own, progress).Run(cancellationToken);
        return run.Package;
    }

    private static void CheckSame(RunFolder run, TrainOptions wanted)
    {
        if (run.HasRun && !run.HasOptions(wanted))
        {
            throw new TrainingDataException($"There is a run with other options in {run.Package}: give another --out, or the options of before.");
        }
    }
}
