using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Splade.Encoding;
using Splade.Encoding.Benchmarking;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model bench</c>: encoding throughput.</summary>
internal static class ModelBenchCommand
{
    private const int QueryWords = 8;

    public static Command Create()
    {
        var model = ModelOptions.NameOrFolder();
        model.Arity = ArgumentArity.ZeroOrOne;
        var texts = new Option<string?>("--texts") { Description = "JSON lines with [text]; default the sample collection." };
        var limit = CommandRunner.Option("--limit", "Texts to use at most.", 256).AtLeast(1);
        var rounds = CommandRunner.Option("--rounds", "Rounds to take the median of.", 3).AtLeast(1);
        var random = new Option<string?>("--random") { Description = "Instead of a model: one of this many layers and this width with random weights, such as 6x384 (MiniLM) or 12x768 (BERT base)." };
        var int8 = new Option<bool>("--int8") { Description = "Quantise the model first, as 'model import --int8' does; the naive way runs it as it was." };
        var queries = CommandRunner.Option("--queries", "Also time this many queries, the first words of the texts, while nothing else runs and while documents are encoded.", 0).AtLeast(0);
        var json = ModelOptions.Json();
        var data = ModelOptions.Data();
        var device = new DeviceOptions();
        var command = new Command(
            "bench",
            "Measure how fast a model encodes documents: end to end, the bare ONNX Runtime session on the same graph and batches, and the naive way (unsorted batches, logits copied out and pooled outside). Rounds of all three alternate; medians are printed. On a machine with other work the processor's time says more than documents/s.\n\nExample: splade model bench splade-small-v1 --texts corpus.jsonl")
        {
            model, texts, limit, rounds, random, int8, queries, json, data,
        };
        device.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(model);
            if (name is not null && parsed.GetValue(random) is not null)
            {
                throw new CliException($"Either the model {name} or --random {parsed.GetValue(random)}, not both.");
            }

            using var registry = new ModelRegistry(parsed.GetValue(data)!);
            var options = device.Read(parsed);
            var file = parsed.GetValue(texts) ?? Path.Combine(AppContext.BaseDirectory, "demo", "corpus.jsonl");
            string[] used = [.. TextLines.Read(file).Take(parsed.GetValue(limit)).Select(l => l.Text)];
            if (used.Length == 0)
            {
                throw new CliException($"{file} has no texts.");
            }

            string[] asked = [.. Enumerable.Range(0, parsed.GetValue(queries)).Select(i => FirstWords(used[i % used.Length]))];

            ModelBenchmarkResult result;
            if (parsed.GetValue(random) is { } size)
            {
                using var made = TemporaryModel.Random(size, registry);
                result = await RunAsync(made.Folder).ConfigureAwait(false);
            }
            else
            {
                result = await RunAsync(registry.Find(name ?? ModelRegistry.DefaultModel)).ConfigureAwait(false);
            }

            Print(result, parsed.GetValue(json));
            return ExitCode.Ok;

            async Task<ModelBenchmarkResult> RunAsync(string folder)
            {
                using var quantized = parsed.GetValue(int8) ? await TemporaryModel.QuantizeAsync(folder, cancellationToken).ConfigureAwait(false) : null;
                var measured = quantized?.Folder ?? folder;
                return await ConsoleProgress.RunAsync("rounds", parsed.GetValue(rounds), report => Task.Run(
                    () =>
                    {
                        var latency = asked.Length > 0 ? QueryBenchmark.Run(measured, used, asked, options, cancellationToken) : null;
                        return ModelBenchmark.Run(
                            measured, folder, used, options, parsed.GetValue(rounds), round => report(round, null), cancellationToken) with
                        {
                            QueryLatency = latency,
                        };
                    },
                    cancellationToken)).ConfigureAwait(false);
            }
        });
        return command;
    }

    private static string FirstWords(string text) => string.Join(' ', text.Split(' ', QueryWords + 1, StringSplitOptions.RemoveEmptyEntries).Take(QueryWords));

    private static void Print(ModelBenchmarkResult result, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
            return;
        }

        var processor = result.ProcessorSecondsPerDocument;
        var table = new Table().AddColumns("", "documents/s", "end to end is", "processor ms a document", "end to end takes").Border(TableBorder.Rounded);
        table.AddRow("end to end", Number(result.DocumentsPerSecond), "", Milliseconds(processor.EndToEnd), "");
        AddRow("bare session", result.BareSessionDocumentsPerSecond, processor.BareSession);
        AddRow("naive", result.NaiveDocumentsPerSecond, processor.Naive);
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.TokensPerSecond:N0} tokens/s; {result.PaddingShare:P1} of what the model computes is padding"));

        if (result.QueryLatency is { } latency)
        {
            AnsiConsole.WriteLine($"{latency.Queries} queries: {Latency(latency.Idle)} alone, {Latency(latency.UnderLoad)} while documents are encoded");
        }

        void AddRow(string name, double rate, double seconds) => table.AddRow(
            name,
            Number(rate),
            string.Create(CultureInfo.InvariantCulture, $"{result.DocumentsPerSecond / rate:0.00} times as fast"),
            Milliseconds(seconds),
            string.Create(CultureInfo.InvariantCulture, $"{processor.EndToEnd / seconds:0.00} times as much"));

        static string Latency(LatencyMilliseconds time) => string.Create(
            CultureInfo.InvariantCulture, $"p50 {time.P50:0.00}, p99 {time.P99:0.00}, longest {time.Longest:0.00} ms");

        static string Number(double value) => value.ToString("N1", CultureInfo.InvariantCulture);

        static string Milliseconds(double seconds) => (seconds * 1000).ToString("0.000", CultureInfo.InvariantCulture);
    }
}
