using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Splade.Encoding;
using Splade.Encoding.Packages;
using Splade.Encoding.Pruning;
using Splade.Training.Data;
using Splade.Training.Runs;
using Splade.Training.Tuning;

namespace Splade.Training.Commands;

/// <summary><c>splade tune</c>.</summary>
internal static class TuneCommand
{
    private const string Guide = """
        Show what sparsity costs: sweeps the regulariser's weight (training) and the pruning of documents (after training), and measures nDCG@10,
        MRR@10, recall, terms of documents and queries, FLOPS and the size of the index.

        Prunings of a model that is there, on a BEIR folder with judgements:
          splade tune --data ./scifact --model ./my-model
        Weights of the regulariser; each model is trained with the options of splade train, pretraining is shared:
          splade tune --data ./scifact --lambdas 0.0003 0.001 0.003 --beir ./scifact --steps 500

        Writes tune.csv, tune.json, tune.svg and tune.png to --out.
        """;

    private const int PipeWidth = 200;

    private static readonly string[] DefaultPrunings =
        ["none", "top_k=256", "top_k=128", "top_k=64", "top_k=32", "max_ratio=0.05", "max_ratio=0.1", "max_ratio=0.2"];

    public static Command Create()
    {
        var data = new Option<string[]>("--data") { Description = "BEIR folder to measure on; more than one is measured one by one.", Required = true, AllowMultipleArgumentsPerToken = true };
        var testSplit = new Option<string>("--test-split") { Description = "Judgements to measure with.", DefaultValueFactory = _ => "test" };
        var models = new Option<string[]>("--model") { Description = "Folder of a model package; more than one are compared.", AllowMultipleArgumentsPerToken = true };
        var lambdas = new Option<double[]>("--lambdas") { Description = "Weights of the document regulariser to train with.", AllowMultipleArgumentsPerToken = true };
        var prunings = new Option<string[]>("--prune")
        {
            Description = "Prunings: none, top_k=N, max_ratio=R, alpha_mass=R, abs_value=W.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => DefaultPrunings,
        };
        var output = new Option<string>("--out") { Description = "Folder of the results and of the models that are trained.", DefaultValueFactory = _ => "./tune" };
        var json = new Option<bool>("--json") { Description = "Print the rows as JSON instead of a table." };
        var arguments = new TrainArguments();
        var command = new Command("tune", Guide) { data, testSplit, models, lambdas, prunings, output, json };
        arguments.AddTo(command);
        command.Run((parsed, cancellationToken) =>
        {
            var cuts = parsed.GetValue(prunings)!.Select(Pruning).ToArray();
            var weights = parsed.GetValue(lambdas) ?? [];
            var given = parsed.GetValue(models) ?? [];
            var folder = parsed.GetValue(output)!;
            if (given.Length + weights.Length == 0)
            {
                throw new TrainingDataException("There is nothing to tune: give --model FOLDER, or --lambdas with the options of splade train.");
            }

            var rows = new List<TuneRow>();
            ConsoleProgress.Run(progress =>
            {
                var (collections, split) = (parsed.GetValue(data)!, parsed.GetValue(testSplit)!);
                foreach (var collection in collections)
                {
                    EncodedCollection.Check(collection, split);
                }

                foreach (var model in given)
                {
                    rows.AddRange(Measure(null, model, collections, split, cuts, progress, cancellationToken));
                }

                IReadOnlyList<(double Lambda, string Package)> trained =
                    weights.Length > 0 ? new LambdaSweep(folder, arguments.Read(parsed).Validate(), progress).Train(weights, cancellationToken) : [];
                foreach (var (lambda, package) in trained)
                {
                    rows.AddRange(Measure(lambda, package, collections, split, cuts, progress, cancellationToken));
                }
            });
            TuneReport.Write(rows, folder);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(TuneReport.Json(rows));
            }
            else
            {
                // A pipe has no width; the table is not cut for it.
                AnsiConsole.Profile.Width = Console.IsOutputRedirected ? PipeWidth : AnsiConsole.Profile.Width;
                AnsiConsole.Write(TuneReport.Table(rows));
            }
        });
        return command;
    }

    private static IEnumerable<TuneRow> Measure(
        double? lambda, string package, string[] data, string split, PruneSettings[] prunings, IRunProgress progress, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(package)));
        using var encoder = new OnnxSparseEncoder(ModelPackage.Read(package, name), name, new EncoderOptions());
        foreach (var folder in data)
        {
            var collection = EncodedCollection.Encode(folder, split, encoder, progress, cancellationToken);
            foreach (var pruning in prunings)
            {
                progress.Message(string.Create(CultureInfo.InvariantCulture, $"{name} on {collection.Name}, {SweepMeasurement.Name(pruning)}"));
                yield return SweepMeasurement.Measure(collection, name, lambda, pruning, cancellationToken);
            }
        }
    }

    private static PruneSettings Pruning(string text)
    {
        var parts = text.Split('=', 2);
        double? ratio = parts.Length == 1 ? null
            : double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new TrainingDataException($"--prune {text}: [{parts[1]}] is no number.");
        try
        {
            return PruneSettings.Parse(parts[0], ratio)!;
        }
        catch (FormatException exception)
        {
            throw new TrainingDataException($"--prune {text}: {exception.Message}.", exception);
        }
    }
}
