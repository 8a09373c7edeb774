using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Splade.Cli.Client;
using Splade.Evaluation;

namespace Splade.Cli.Commands;

/// <summary><c>splade eval</c>: the queries of a BEIR folder through the REST API, by BM25 in this process, or runs of them that are there, measured as trec_eval does.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A BEIR folder with queries.jsonl and qrels." };
        var index = CommandRunner.Option<string?>("--index", "Name of the index.", null);
        var runs = CommandRunner.Option<string?>("--runs", "Measure these TREC runs instead of an index, with commas between; several also as the sum of their z-scores.", null);
        var weights = CommandRunner.Option<string?>("--weights", "Weights of the --runs in their sum, with commas between; equal where they are not given.", null);
        var bm25 = new Bm25Options();
        var split = CommandRunner.Option("--split", "Judgements to use.", "test");
        var k = CommandRunner.Option("--k", "Depth of each search.", 1000);
        var field = CommandRunner.Option("--field", "Semantic field to search.", "semantic");
        var run = CommandRunner.Option<string?>("--run", "Write the results as a TREC run.", null);
        var json = CommandRunner.Option("--json", "Print the measures as JSON.", false);
        var connection = new ConnectionOptions();
        var command = new Command(
            "eval", "Measure the retrieval quality and latency of an index. Searches run one after another.\n\nExample: splade eval ./scifact --index scifact --run splade.trec\n"
            + "What BM25 makes of it, without a node: splade eval ./scifact --bm25 --run bm25.trec\n"
            + "Both alone and together: splade eval ./scifact --runs bm25.trec,splade.trec")
        {
            folder, index, runs, weights, split, k, field, run, json,
        };
        bm25.AddTo(command);
        connection.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            var beir = new BeirFolder(parsed.GetValue(folder)!);
            var judgements = beir.ReadJudgements(parsed.GetValue(split)!);
            if (parsed.GetValue(runs)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } files)
            {
                RunComparison.Print(RunComparison.Of(files, judgements, RunComparison.Weights(parsed.GetValue(weights), files.Length)), parsed.GetValue(json));
                return ExitCode.Ok;
            }

            var depth = parsed.GetValue(k);
            var queries = beir.ReadQueries(judgements);
            Dictionary<string, IReadOnlyList<(string Id, double Score)>> results;
            List<double> latencies;
            string tag;
            if (bm25.IsAsked(parsed))
            {
                var baseline = bm25.Build(parsed, beir, cancellationToken);
                (results, latencies) = await WithProgressAsync(queries, text => Task.FromResult(Timed(() => baseline.Search(text, depth)))).ConfigureAwait(false);
                tag = "bm25";
            }
            else
            {
                var name = parsed.GetValue(index) ?? throw new CliException("There is nothing to measure: give --index NAME, --bm25, or --runs with TREC runs.");
                using var client = connection.Connect(parsed);
                (results, latencies) = await WithProgressAsync(queries, text => SearchAsync(client, name, parsed.GetValue(field)!, text, depth, cancellationToken)).ConfigureAwait(false);
                tag = "splade";
            }

            if (parsed.GetValue(run) is { } path)
            {
                TrecFiles.WriteRun(path, results.Select(r => (r.Key, r.Value)), tag);
            }

            latencies.Sort();
            Print(EvaluationReport.Of(results, judgements), latencies, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<(Dictionary<string, IReadOnlyList<(string Id, double Score)>> Results, List<double> Latencies)> WithProgressAsync(
        IReadOnlyList<(string Id, string Text)> queries, Func<string, Task<(IReadOnlyList<(string Id, double Score)> Hits, TimeSpan Took)>> search)
    {
        if (Console.IsErrorRedirected)
        {
            return await RunAsync(queries, search, () => { }).ConfigureAwait(false);
        }

        return await ConsoleProgress.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask($"{queries.Count} queries", maxValue: Math.Max(1, queries.Count));
                return await RunAsync(queries, search, () => task.Increment(1)).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private static async Task<(Dictionary<string, IReadOnlyList<(string Id, double Score)>> Results, List<double> Latencies)> RunAsync(
        IReadOnlyList<(string Id, string Text)> queries, Func<string, Task<(IReadOnlyList<(string Id, double Score)> Hits, TimeSpan Took)>> search, Action advance)
    {
        var results = new Dictionary<string, IReadOnlyList<(string Id, double Score)>>(StringComparer.Ordinal);
        var latencies = new List<double>();
        foreach (var (id, text) in queries)
        {
            var (hits, took) = await search(text).ConfigureAwait(false);
            latencies.Add(took.TotalMilliseconds);
            results.Add(id, hits);
            advance();
        }

        return (results, latencies);
    }

    private static (IReadOnlyList<(string Id, double Score)> Hits, TimeSpan Took) Timed(Func<IReadOnlyList<(string Id, double Score)>> search)
    {
        var start = Stopwatch.GetTimestamp();
        var hits = search();
        return (hits, Stopwatch.GetElapsedTime(start));
    }

    private static async Task<(IReadOnlyList<(string Id, double Score)> Hits, TimeSpan Took)> SearchAsync(SpladeClient client, string index, string field, string text, int k, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["size"] = k,
            ["_source"] = false,
            ["track_total_hits"] = false,
            ["query"] = new JsonObject { ["semantic"] = new JsonObject { ["field"] = field, ["query"] = text } },
        };
        var (answer, took) = await client.SendTimedAsync(
            HttpMethod.Post, $"/{Uri.EscapeDataString(index)}/_search", JsonSerializer.SerializeToUtf8Bytes(body), "application/json", cancellationToken).ConfigureAwait(false);
        CheckComplete(answer);
        return ([.. answer["hits"]!["hits"]!.AsArray().Select(h => ((string)h!["_id"]!, (double)h["_score"]!))], took);
    }

    /// <summary>A ranking with missing shards is no ranking to measure.</summary>
    private static void CheckComplete(JsonNode answer)
    {
        if ((int)answer["_shards"]!["failed"]! > 0 || (bool)answer["timed_out"]!)
        {
            throw new CliException($"A search was not complete: {answer["_shards"]!.ToJsonString()}.");
        }
    }

    /// <summary>What is printed of a report, in this order.</summary>
    public static (string Name, double Value)[] Measures(EvaluationReport report) =>
    [
        ("ndcg@10", report.Ndcg10), ("mrr@10", report.Mrr10), ("recall@100", report.Recall100), ("recall@1000", report.Recall1000), ("map", report.Map),
    ];

    private static void Print(EvaluationReport report, List<double> latencies, bool asJson)
    {
        var measures = Measures(report);
        var (p50, p99) = (Percentile(latencies, 0.5), Percentile(latencies, 0.99));
        if (asJson)
        {
            var json = new JsonObject { ["queries"] = report.Queries };
            foreach (var (name, value) in measures)
            {
                json[name] = Math.Round(value, 6);
            }

            json["latency_ms"] = new JsonObject { ["p50"] = Math.Round(p50, 3), ["p99"] = Math.Round(p99, 3) };
            JsonOutput.Print(json);
            return;
        }

        var table = new Table().AddColumns("measure", "value").Border(TableBorder.Rounded);
        foreach (var (name, value) in measures)
        {
            table.AddRow(name, value.ToString("0.0000", CultureInfo.InvariantCulture));
        }

        table.AddRow("latency p50 / p99", string.Create(CultureInfo.InvariantCulture, $"{p50:0.0} / {p99:0.0} ms"));
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{report.Queries} queries");
    }

    private static double Percentile(List<double> sorted, double share) =>
        sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)];
}
