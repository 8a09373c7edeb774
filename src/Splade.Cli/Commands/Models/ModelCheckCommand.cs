using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Splade.Encoding;
using Splade.Encoding.Pruning;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model check</c>: encodes a sample and says what looks wrong; with a CUDA device, whether that one computes the same.</summary>
internal static class ModelCheckCommand
{
    private const int TopTerms = 12;
    private const int Repetitions = 5;
    private const string Sample =
        "A heart attack happens when a clot blocks a coronary artery, so that part of the muscle gets no oxygen. Chest pain, sweat and short breath are the signs.";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static Command Create()
    {
        var model = ModelOptions.NameOrFolder();
        var text = CommandRunner.Option("--text", "The sample.", Sample);
        var json = ModelOptions.Json();
        var data = ModelOptions.Data();
        var device = new DeviceOptions();
        var command = new Command(
            "check",
            "Load a model, encode a sample text, and print where it ran, its sparsity, its top terms, its speed and what looks wrong. On CUDA the vector is compared with the CPU's.\n\nExample: splade model check splade-small-v1 --device cuda")
        {
            model, text, json, data,
        };
        device.AddTo(command);
        command.Run((parsed, cancellationToken) => Task.Run(
            () =>
            {
                var options = device.Read(parsed);
                var check = Check(parsed.GetValue(data)!, parsed.GetValue(model)!, parsed.GetValue(text)!, options, cancellationToken);
                if (parsed.GetValue(json))
                {
                    Console.WriteLine(JsonSerializer.Serialize(check, Indented));
                }
                else
                {
                    Print(check);
                }

                return check.DeviceDifference > ModelCheck.LargestDifference ? ExitCode.Failed : ExitCode.Ok;
            },
            cancellationToken));
        return command;
    }

    private static ModelCheck Check(string data, string model, string text, EncoderOptions options, CancellationToken cancellationToken)
    {
        using var registry = new ModelRegistry(data, options);
        var start = Stopwatch.GetTimestamp();
        using var encoder = registry.Open(model);
        var loading = Stopwatch.GetElapsedTime(start);
        var whole = new EncodingSettings { Pruning = PruneSettings.None, QueryPruning = PruneSettings.None };
        var document = encoder.EncodeDocuments([text], cancellationToken)[0];
        var query = encoder.EncodeQuery(text, cancellationToken);
        var tokens = encoder.Tokenize(text);
        return new ModelCheck(
            encoder.Description.Name,
            options.Provider.ToString().ToUpperInvariant(),
            encoder.Description.Provider,
            encoder.Description.VocabularySize,
            tokens.Length,
            document.UnprunedCount,
            document.Indices.Length,
            query.UnprunedCount,
            query.Indices.Length,
            Top(encoder, document),
            Top(encoder, query),
            loading.TotalMilliseconds,
            Time(() => encoder.EncodeDocuments([text], cancellationToken)),
            Time(() => encoder.EncodeQuery(text, cancellationToken)),
            encoder.Description.Provider == "CPU" ? null : Difference(data, model, text, options, encoder.EncodeDocuments([text], whole, cancellationToken)[0]),
            [.. Warnings(encoder, document, query, tokens)]);
    }

    /// <summary>The largest difference between the device's weights and the CPU's.</summary>
    private static double Difference(string data, string model, string text, EncoderOptions options, EncodedText onDevice)
    {
        using var registry = new ModelRegistry(data, options with { Provider = ExecutionProvider.Cpu });
        using var encoder = registry.Open(model);
        var onCpu = encoder.EncodeDocuments([text], new EncodingSettings { Pruning = PruneSettings.None }, CancellationToken.None)[0];
        var expected = onCpu.Indices.Zip(onCpu.Weights).ToDictionary();
        var found = onDevice.Indices.Zip(onDevice.Weights).ToDictionary();
        return expected.Keys.Union(found.Keys).Select(i => Math.Abs(expected.GetValueOrDefault(i) - found.GetValueOrDefault(i))).DefaultIfEmpty(0f).Max();
    }

    private static IEnumerable<string> Warnings(ISparseEncoder encoder, EncodedText document, EncodedText query, IReadOnlyList<TextToken> tokens)
    {
        if (document.Indices.Length == 0)
        {
            yield return "The document vector is empty: nothing will be found with this model.";
        }

        if (document.Indices.Length > Math.Max(1000, encoder.Description.VocabularySize / 20))
        {
            yield return "The document vector is not sparse. Is this a trained SPLADE model? If so, prune it: \"document\": {\"prune_type\": \"top_k\", \"prune_ratio\": 400} in splade.json.";
        }

        if (query.Indices.Length > 200)
        {
            yield return "The query vector is long, so searches are slow: prune it with \"query\": {\"prune_type\": \"top_k\", \"prune_ratio\": 40} in splade.json.";
        }

        var unknown = tokens.Count(t => t.Token is "[UNK]" or "<unk>");
        if (unknown * 5 > tokens.Count)
        {
            yield return $"{unknown} of {tokens.Count} tokens are unknown to the vocabulary: is it made for this language?";
        }

        var own = tokens.Select(t => t.Id).ToHashSet();
        if (document.Indices.Length > 0 && !Strongest(document).Take(TopTerms).Any(i => own.Contains(document.Indices[i])))
        {
            yield return "None of the strongest terms is a word of the text: tokenizer and weights may not belong together.";
        }

        if (document.Truncated)
        {
            yield return $"The text is longer than the {encoder.Description.MaxTokens} tokens that the model takes; its end was left out.";
        }
    }

    private static TermWeight[] Top(ISparseEncoder encoder, EncodedText vector) =>
        [.. Strongest(vector).Take(TopTerms).Select(i => new TermWeight(encoder.GetFeature(vector.Indices[i]), vector.Weights[i]))];

    private static IEnumerable<int> Strongest(EncodedText vector) => Enumerable.Range(0, vector.Indices.Length).OrderByDescending(i => vector.Weights[i]);

    private static double Time(Action run)
    {
        var times = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times.Order().ElementAt(Repetitions / 2);
    }

    private static void Print(ModelCheck check)
    {
        var grid = new Grid().AddColumn().AddColumn();
        (string Name, string Value)[] rows =
        [
            ("model", check.Model),
            ("runs on", check.Provider == check.Requested || check.Requested == "AUTO" ? check.Provider : $"{check.Provider}, though {check.Requested} was asked for"),
            ("document", Format($"{check.Tokens} tokens, {check.DocumentNonZeros} non-zeros{Pruned(check.DocumentNonZerosBeforePruning, check.DocumentNonZeros)} of {check.VocabularySize}")),
            ("query", Format($"{check.QueryNonZeros} non-zeros{Pruned(check.QueryNonZerosBeforePruning, check.QueryNonZeros)}")),
            ("document terms", Terms(check.DocumentTerms)),
            ("query terms", Terms(check.QueryTerms)),
            ("time", Format($"{check.LoadMilliseconds:0} ms to load, {check.DocumentMilliseconds:0.00} ms a document, {check.QueryMilliseconds:0.00} ms a query")),
        ];
        foreach (var (name, value) in rows)
        {
            grid.AddRow(name, Markup.Escape(value));
        }

        if (check.DeviceDifference is { } difference)
        {
            grid.AddRow("against the CPU", Format($"largest difference {difference:0.0e+0}{(difference > ModelCheck.LargestDifference ? ": TOO LARGE" : "")}"));
        }

        AnsiConsole.Write(grid);
        foreach (var warning in check.Warnings)
        {
            AnsiConsole.WriteLine("warning: " + warning);
        }

        static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

        static string Pruned(int before, int after) => before == after ? "" : $" (pruned from {before})";

        static string Terms(TermWeight[] terms) => string.Join(", ", terms.Select(t => Format($"{t.Term} {t.Weight:0.00}")));
    }
}
