using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Splade.Cli.Import;

namespace Splade.Cli.Commands;

/// <summary><c>splade import</c>: loads a collection and returns when it is searchable.</summary>
internal static class ImportCommand
{
    private const int ShownReasons = 20;
    private const int LongestTrouble = 100;

    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "A BEIR folder, a corpus.jsonl, or bulk NDJSON; gzipped or not." };
        var index = Index();
        var batch = CommandRunner.Option("--batch-bytes", "Bytes of one bulk request at most; requests that a slow node takes long for become smaller by themselves.", 2 << 20);
        var parallel = CommandRunner.Option("--parallel", "Bulk requests at a time.", 2);
        var timeout = CommandRunner.Option("--request-timeout", "Seconds that the node may take for one bulk request; what is not done by then is sent again in smaller ones.", 60);
        var resume = CommandRunner.Option("--resume", "Skip documents whose ids are in the index already.", false);
        var model = CommandRunner.Option<string?>("--model", "Model of the semantic field of an index that is made; default the node's default model.", null);
        var connection = new ConnectionOptions();
        var command = new Command(
            "import",
            "Load documents into an index, which is made where it is missing: title and text, and a semantic field over both. Loading the same file twice changes nothing.\n\nExample: splade import ./scifact --index scifact")
        {
            path, index, model, batch, parallel, timeout, resume,
        };
        connection.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            var seconds = Math.Clamp(parsed.GetValue(timeout), 1, 24 * 3600);

            // The node answers by its deadline and says what it has done; who waits a little longer gets to know.
            using var client = connection.Connect(parsed, TimeSpan.FromSeconds(seconds + 30));
            var settings = new ImportSettings
            {
                BatchBytes = Math.Clamp(parsed.GetValue(batch), 1024, 50 << 20), Parallel = Math.Clamp(parsed.GetValue(parallel), 1, 64),
                RequestTimeout = TimeSpan.FromSeconds(seconds), Resume = parsed.GetValue(resume), Model = parsed.GetValue(model),
            };
            var file = Importer.FileOf(parsed.GetValue(path)!);
            var summary = await WithProgressAsync(
                file, report => new Importer(client, parsed.GetValue(index)!, settings, TimeProvider.System, report).RunAsync(file, cancellationToken)).ConfigureAwait(false);
            Print(summary);
            return summary.Failed > 0 ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    internal static Option<string> Index() => CommandRunner.Required("--index", "Name of the index.");

    private static Task<ImportSummary> WithProgressAsync(string file, Func<Action<ImportProgress>, Task<ImportSummary>> import)
    {
        var watch = Stopwatch.StartNew();
        return ConsoleProgress.RunAsync("documents", new FileInfo(file).Length, report => import(progress => report(
            progress.BytesRead,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{progress.Succeeded + progress.Skipped:N0} documents, {progress.Succeeded / Math.Max(0.001, watch.Elapsed.TotalSeconds):N0}/s{(progress.Failed > 0 ? $", {progress.Failed:N0} failed" : "")}{Again(progress.Trouble)}"))));
    }

    private static string Again(string? trouble) => trouble switch
    {
        null => "",
        { Length: > LongestTrouble } => $" (sending again: {trouble[..LongestTrouble]}...)",
        _ => $" (sending again: {trouble})",
    };

    private static void Print(ImportSummary summary)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{summary.Succeeded} documents loaded, {summary.Skipped} skipped, {summary.Failed} failed"));
        foreach (var (reason, (count, first)) in summary.Reasons.OrderByDescending(r => r.Value.Count).Take(ShownReasons))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {count} x {reason} (first: {first})"));
        }

        if (summary.Reasons.Count > ShownReasons)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  and {summary.Reasons.Count - ShownReasons} more reasons"));
        }
    }
}
