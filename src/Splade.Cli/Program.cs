using System.CommandLine;
using System.CommandLine.Invocation;
using Splade.Cli;
using Splade.Cli.Commands;
using Splade.Cli.Commands.Models;
using Splade.Cli.Training;
using Splade.Evaluation.Programs;
using Spectre.Console;

return await StandardStreams.RunAsync("splade", () => RunAsync(args)).ConfigureAwait(false);

static async Task<int> RunAsync(string[] args)
{
    if (Trainer.Takes(args))
    {
        return await Trainer.RunAsync(args).ConfigureAwait(false);
    }

    if (Console.IsOutputRedirected)
    {
        // Tables for scripts: a row is a line.
        AnsiConsole.Profile.Width = 1000;
    }

    var root = new RootCommand("Splade.Cluster: a search cluster for learned sparse retrieval (SPLADE).\n\nStart with: splade serve --demo")
    {
        ServeCommand.Create(),
        ImportCommand.Create(),
        SearchCommand.Create(),
        EvalCommand.Create(),
        BenchCommand.Create(),
        ConvertCommand.Create(),
        AnalyzeCommand.Create(),
        EncodeCommand.Create(),
        ModelCommand.Create(),
        new Command("train", "Train a model from text (a program of its own; see splade train --help)."),
        new Command("tune", "Sweep sparsity against quality (a program of its own; see splade tune --help)."),
        TokenizeCommand.Create(),
    };
    var parsed = root.Parse(args);
    if (UsageError.DescribeSwallowed(parsed) is { } swallowed)
    {
        await Console.Error.WriteLineAsync(swallowed).ConfigureAwait(false);
        return ExitCode.Failed;
    }

    if (parsed.Action is ParseErrorAction && args.Length > 0)
    {
        // Not behind a page of help; standard output is for results.
        await Console.Error.WriteLineAsync(UsageError.Describe(parsed)).ConfigureAwait(false);
        return ExitCode.Failed;
    }

    // Commands see to signals themselves.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
}
