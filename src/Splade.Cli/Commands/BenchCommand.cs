using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Speed;

namespace Splade.Cli.Commands;

/// <summary><c>splade bench</c>: how fast the engine is on a collection of vectors.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var documents = new Option<string?>("--docs") { Description = "Vectors to index." }.NotEmpty("a file or folder");
        var index = new Option<string?>("--index") { Description = "A running index to search instead, by its REST API: what a client waits. Its terms, postings and build time are not known, and 0." }.NotEmpty("an index");
        var field = CommandRunner.Option("--field", "Sparse field of that index.", "semantic");
        var queries = new Option<string>("--queries") { Description = "Vectors to search with, in any of the formats.", Required = true }.NotEmpty("a file or folder");
        var ks = CommandRunner.Option("--k", "Depths, with commas between.", "10,100,1000");
        var threads = CommandRunner.Option("--threads", "Searches at a time.", 1);
        var passes = CommandRunner.Option("--passes", "Measured passes; a query's time is its median over them.", 5);
        var scales = CommandRunner.Option("--bound-scales", "Dials of the approximate mode, above 0 and below 1; empty for none.", "0.9,0.8,0.7");
        var most = CommandRunner.Option("--max-queries", "Queries beyond these are left out.", int.MaxValue);
        var work = CommandRunner.Option<string?>("--work", "Folder for the index while it is measured.", null).NotEmpty("a folder");
        var run = new Option<string?>("--run") { Description = "Write the exact ranking at the largest k as a TREC run, with row numbers as ids (the documents' own ids with --index)." }.NotEmpty("a file");
        var json = CommandRunner.Option("--json", "Print one JSON object.", false);
        var connection = new ConnectionOptions();
        var command = new Command(
            "bench",
            "Index vectors, search them, and print latency, recall, size and memory, exact and approximate, beside an exhaustive search of the same vectors (the yardstick).\n\n"
            + "Formats: BigANN CSR (.csr), CIFF (.ciff, .ciff.gz), Anserini JsonVector and Seismic JSONL (.jsonl, .json, gzipped or not, or a folder of them).\n\n"
            + "Integer weights are scored without rounding: of documents up to 255, of queries up to 65,535. Larger ones, and fractions, are rounded.\n\n"
            + "Examples: splade bench --docs docs.csr --queries queries.csr --k 10,1000 --threads 1 --json\n"
            + "          splade bench --index wiki --field semantic --queries queries.jsonl --url http://localhost:9200")
        {
            documents, index, field, queries, ks, threads, passes, scales, most, work, run, json,
        };
        connection.AddTo(command);
        command.Validators.Add(result =>
        {
            switch (result.GetResult(documents), result.GetResult(index))
            {
                case (null, null):
                    result.AddError("there is nothing to measure: give --docs, a collection to index, or --index, a running index.");
                    break;
                case ({ }, { }):
                    result.AddError("--docs and --index are both given: give --docs, a collection to index, or --index, a running index.");
                    break;
            }
        });
        command.Run(async (parsed, cancellationToken) =>
        {
            var options = new BenchmarkOptions
            {
                Ks = Numbers<int>(parsed, ks, "a whole number between 1 and 1,000,000", "10,1000"),
                Threads = parsed.GetValue(threads),
                Passes = parsed.GetValue(passes),
                BoundScales = Numbers<double>(parsed, scales, "a number between 0 and 1", "0.9,0.8"),
                MaxQueries = parsed.GetValue(most),
                RunFile = parsed.GetValue(run),
                WorkFolder = parsed.GetValue(work) ?? Path.GetTempPath(),
            };
            Check(options, parsed, parsed.GetValue(queries)!, parsed.GetValue(documents));
            var asked = VectorFiles.Open(parsed.GetValue(queries)!);
            var report = parsed.GetValue(documents) is { } path
                ? await WithProgressAsync(progress =>
                    Task.Run(() => EngineBenchmark.Run(VectorFiles.Open(path), asked, options, progress, cancellationToken), cancellationToken)).ConfigureAwait(false)
                : await MeasureRunningAsync(connection, parsed, parsed.GetValue(index)!, parsed.GetValue(field)!, asked, options, cancellationToken).ConfigureAwait(false);
            Console.WriteLine(parsed.GetValue(json) ? report.ToJson() : BenchmarkTable.Of(report));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<BenchmarkReport> MeasureRunningAsync(
        ConnectionOptions connection, ParseResult parsed, string index, string field, VectorReader queries, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var client = connection.Connect(parsed);
        return await WithProgressAsync(progress => new RemoteBenchmark(client, index, field).RunAsync(queries, options, progress, cancellationToken)).ConfigureAwait(false);
    }

    private static void Check(BenchmarkOptions options, ParseResult parsed, params string?[] inputs)
    {
        try
        {
            options.Validate();
            options.CheckPaths(inputs.OfType<string>());
        }
        catch (ArgumentException exception)
        {
            // It may be from the environment.
            var option = parsed.CommandResult.Command.Options.First(o => exception.Message.StartsWith(o.Name + " ", StringComparison.Ordinal));
            throw new CliException(parsed.Source(option) + exception.Message[option.Name.Length..], exception);
        }
    }

    private static async Task<BenchmarkReport> WithProgressAsync(Func<Action<BenchmarkProgress>, Task<BenchmarkReport>> run)
    {
        if (Console.IsErrorRedirected)
        {
            return await run(_ => { }).ConfigureAwait(false);
        }

        return await ConsoleProgress.ErrorConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask? task = null;
                var report = await run(progress =>
                {
                    if (task?.Description != progress.Stage)
                    {
                        Finish(task);
                        task = context.AddTask(progress.Stage);
                    }

                    task.IsIndeterminate = progress.Total == 0;
                    task.MaxValue = Math.Max(1, progress.Total);
                    task.Value = progress.Done;
                }).ConfigureAwait(false);
                Finish(task);
                return report;
            }).ConfigureAwait(false);
    }

    private static void Finish(ProgressTask? task)
    {
        if (task is not null)
        {
            task.IsIndeterminate = false;
            task.Value = task.MaxValue;
        }
    }

    private static T[] Numbers<T>(ParseResult parsed, Option<string> option, string kind, string example)
        where T : IParsable<T> =>
        [.. parsed.GetValue(option)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(n => T.TryParse(n, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CliException($"{parsed.Source(option)}: '{n}' is not {kind}; expected something like {example}."))];
}
