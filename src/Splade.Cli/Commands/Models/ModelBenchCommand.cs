using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Spectre.Console;
using Splade.Encoding;
using Splade.Encoding.Benchmarking;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model bench</c>: encoding throughput.</summary>
internal static partial class ModelBenchCommand
{
    private const int RandomVocabulary = 30_522;

    public static Command Create()
    {
        var model = ModelOptions.NameOrFolder();
        model.Arity = ArgumentArity.ZeroOrOne;
        var texts = new Option<string?>("--texts") { Description = "JSON lines with [text]; default the sample collection." };
        var limit = CommandRunner.Option("--limit", "Texts to use at most.", 256);
        var rounds = CommandRunner.Option("--rounds", "Rounds to take the median of.", 3);
        var random = new Option<string?>("--random") { Description = "Instead of a model: one of this many layers and this width with random weights, such as 6x384 (MiniLM) or 12x768 (BERT base)." };
        var json = ModelOptions.Json();
        var data = ModelOptions.Data();
        var device = new DeviceOptions();
        var command = new Command(
            "bench",
            "Measure how fast a model encodes documents: end to end, the bare ONNX Runtime session on the same graph and batches, and the naive way (unsorted batches, logits copied out and pooled outside). Rounds of all three alternate; medians are printed.\n\nExample: splade model bench splade-small-v1 --texts corpus.jsonl")
        {
            model, texts, limit, rounds, random, json, data,
        };
        device.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            using var registry = new ModelRegistry(parsed.GetValue(data)!);
            var options = device.Read(parsed);
            var file = parsed.GetValue(texts) ?? Path.Combine(AppContext.BaseDirectory, "demo", "corpus.jsonl");
            string[] used = [.. TextLines.Read(file).Take(Math.Max(1, parsed.GetValue(limit))).Select(l => l.Text)];
            if (used.Length == 0)
            {
                throw new CliException($"{file} has no texts.");
            }

            ModelBenchmarkResult result;
            if (parsed.GetValue(random) is { } size)
            {
                using var folder = new RandomModelFolder(size, registry);
                result = await RunAsync(folder.Path).ConfigureAwait(false);
            }
            else
            {
                result = await RunAsync(registry.Find(parsed.GetValue(model) ?? ModelRegistry.DefaultModel)).ConfigureAwait(false);
            }

            Print(result, parsed.GetValue(json));
            return ExitCode.Ok;

            Task<ModelBenchmarkResult> RunAsync(string folder) => ConsoleProgress.RunAsync("rounds", parsed.GetValue(rounds), report => Task.Run(
                () => ModelBenchmark.Run(folder, used, options, Math.Max(1, parsed.GetValue(rounds)), round => report(round, null), cancellationToken), cancellationToken));
        });
        return command;
    }

    private static void Print(ModelBenchmarkResult result, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
            return;
        }

        var table = new Table().AddColumns("", "documents/s", "end to end is").Border(TableBorder.Rounded);
        table.AddRow("end to end", Number(result.DocumentsPerSecond), "");
        table.AddRow("bare session", Number(result.BareSessionDocumentsPerSecond), string.Create(CultureInfo.InvariantCulture, $"{result.DocumentsPerSecond / result.BareSessionDocumentsPerSecond:P0} of it"));
        table.AddRow("naive", Number(result.NaiveDocumentsPerSecond), string.Create(CultureInfo.InvariantCulture, $"{result.DocumentsPerSecond / result.NaiveDocumentsPerSecond:0.0} times as fast"));
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.TokensPerSecond:N0} tokens/s; {result.PaddingShare:P1} of what the model computes is padding"));

        static string Number(double value) => value.ToString("N1", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^([0-9]{1,2})x([0-9]{2,4})$")]
    private static partial Regex Size();

    private sealed class RandomModelFolder : IDisposable
    {
        public RandomModelFolder(string size, ModelRegistry registry)
        {
            var match = Size().Match(size);
            if (!match.Success)
            {
                throw new CliException($"--random {size} is no size: expected layers x width, such as 6x384.");
            }

            Path = Directory.CreateTempSubdirectory("splade-random-").FullName;
            string[] vocabulary = [.. File.ReadLines(System.IO.Path.Combine(registry.Find(ModelRegistry.DefaultModel), "vocab.txt")).Take(RandomVocabulary)];
            RandomModel.Write(
                Path, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), vocabulary);
        }

        public string Path { get; }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
