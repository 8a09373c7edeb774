using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Splade.Cli.Client;
using Splade.Cli.Import;
using Splade.Cluster.Hosting;
using Splade.Node;

namespace Splade.Cli.Commands;

/// <summary><c>splade serve</c>: runs a node until Ctrl-C or SIGTERM.</summary>
internal static class ServeCommand
{
    private const string DemoIndex = "demo";

    public static Command Create()
    {
        var host = CommandRunner.Option("--host", "Address to listen on, for HTTP and the cluster.", "127.0.0.1");
        var httpPort = CommandRunner.Option("--http-port", "Port of the REST API; 0 takes a free one.", 9200);
        var akkaPort = CommandRunner.Option("--akka-port", "Port between nodes; 0 takes a free one.", 4053);
        var data = CommandRunner.Option("--data", "Folder of the node's data.", "./data");
        var roles = CommandRunner.Option("--roles", "What the node does, with commas between.", "coordinator,index,encoder");
        var seeds = CommandRunner.Option("--seed-nodes", "Akka addresses of nodes to join, with commas between; none founds a cluster.", "");
        var journal = CommandRunner.Option("--journal", "'sqlite', or a PostgreSQL connection string that all nodes share.", "sqlite");
        var segments = CommandRunner.Option<string?>("--segments", "Folder of the segments, shared by all index nodes; default {data}/segments.", null);
        var mergeRate = CommandRunner.Option(
            "--merge-rate", "Bytes a second that the merge of a shard may write, at least 1000000, so that it leaves the disk to searches; 0 for no limit.", 0L);
        var config = CommandRunner.Option<string?>("--config-dir", "Folder with the HOCON files; default cluster-config beside the program.", null);
        var apiKey = CommandRunner.Option<string?>("--api-key", "When set, every request but those for health must bring it.", null);
        var demo = CommandRunner.Option("--demo", "Load a small multilingual sample collection into the index 'demo'.", false);
        var device = new DeviceOptions();
        var command = new Command(
            "serve",
            "Run a node. Prints READY with its addresses when it serves.\n\nExample: splade serve --demo\nThree nodes: splade serve --roles coordinator --journal \"Host=db;...\" --segments /shared, then --roles index and --roles encoder with --seed-nodes and the second field of READY.")
        {
            host, httpPort, akkaPort, data, roles, seeds, journal, segments, mergeRate, config, apiKey, demo,
        };
        device.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            var cluster = new ClusterNodeOptions
            {
                NodeName = $"{Environment.MachineName}-{Environment.ProcessId}",
                Host = parsed.GetValue(host)!,
                Port = parsed.GetValue(akkaPort),
                DataFolder = Path.GetFullPath(parsed.GetValue(data)!),
                Roles = Split(parsed.GetValue(roles)!),
                SeedNodes = Split(parsed.GetValue(seeds)!),
                Journal = parsed.GetValue(journal)!,
                SegmentFolder = parsed.GetValue(segments),
                MergeBytesPerSecond = parsed.GetValue(mergeRate),
                ConfigFolder = parsed.GetValue(config),
                Encoder = device.Read(parsed) with { OnWarning = null },
            };
            var options = new SpladeNodeOptions
            {
                Cluster = cluster, Host = cluster.Host, HttpPort = parsed.GetValue(httpPort), ApiKey = parsed.GetValue(apiKey),
            };
            return await ServeAsync(options, parsed.GetValue(demo), cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> ServeAsync(SpladeNodeOptions options, bool demo, CancellationToken cancellationToken)
    {
        try
        {
            await using var node = await SpladeNode.StartAsync(
                options, ConfigureLogging, cancellationToken).ConfigureAwait(false);
            if (demo && options.Roles.Contains("coordinator"))
            {
                await LoadDemoAsync(node.HttpUrl, options.ApiKey, cancellationToken).ConfigureAwait(false);
            }

            await Console.Out.WriteLineAsync($"READY {node.HttpUrl} {node.Runtime.Node.Address}").ConfigureAwait(false);
            await Console.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
            await Console.Error.WriteLineAsync(NextSteps(node, options, demo)).ConfigureAwait(false);
            throw new NodeStartException(await node.Ended.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop: the node has left the cluster in order.
        }

        return ExitCode.Ok;
    }

    /// <summary>Standard output is for the program's own lines; what keeps the host from starting is told as one line, not logged.</summary>
    private static void ConfigureLogging(ILoggingBuilder logging) => logging
        .AddSimpleConsole(o => o.SingleLine = true)
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
        .Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);

    private static async Task LoadDemoAsync(string url, string? apiKey, CancellationToken cancellationToken)
    {
        using var client = new SpladeClient(new Uri(url), apiKey);
        if (!await client.IndexExistsAsync(DemoIndex, cancellationToken).ConfigureAwait(false))
        {
            var importer = new Importer(client, DemoIndex, new ImportSettings(), TimeProvider.System, _ => { });
            var summary = await importer.RunAsync(Path.Combine(AppContext.BaseDirectory, "demo", "corpus.jsonl"), cancellationToken).ConfigureAwait(false);
            await Console.Error.WriteLineAsync($"Loaded {summary.Succeeded} sample documents into the index '{DemoIndex}'.").ConfigureAwait(false);
        }
    }

    private static string NextSteps(SpladeNode node, SpladeNodeOptions options, bool demo)
    {
        var (program, url) = (Program(), node.HttpUrl);
        if (!options.Roles.Contains("coordinator"))
        {
            return $"""

                This node serves {string.Join(" and ", options.Roles)}: send searches and documents to a node with the role coordinator.
                Health:          curl {url}/health/ready
                Stop with Ctrl-C.
                """;
        }

        return demo
            ? $"""

                Try a search:    {program} search "why is the sky blue" --index {DemoIndex} --url {url}
                or with curl:    curl -s '{url}/{DemoIndex}/_search?pretty' -H 'content-type: application/json' -d '{"{\"query\":{\"semantic\":{\"field\":\"semantic\",\"query\":\"why is the sky blue\"}}}"}'
                Your own data:   {program} import FOLDER --index NAME --url {url}
                Stop with Ctrl-C.
                """
            : $"""

                Load documents:  {program} import FOLDER --index NAME --url {url}
                Search them:     {program} search "some words" --index NAME --url {url}
                Stop with Ctrl-C.
                """;
    }

    /// <summary>What to type for this program from here: it need not be on the PATH.</summary>
    private static string Program()
    {
        var path = Environment.ProcessPath ?? "splade";
        if (Path.GetFileNameWithoutExtension(path) == "dotnet")
        {
            return $"dotnet {Short(Path.Combine(AppContext.BaseDirectory, "splade.dll"))}";
        }

        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => Path.Combine(f, Path.GetFileName(path)) == path);
        return onPath ? "splade" : Short(path);

        static string Short(string path)
        {
            var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
            return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? path : Path.Combine(".", relative);
        }
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
