using System.CommandLine;
using System.CommandLine.Invocation;
using Splade.Encoding;
using Splade.Encoding.Tokenizing;
using Splade.Evaluation;
using Splade.Evaluation.Programs;

namespace Splade.Benchmarks.Commands;

/// <summary>Runs a command; what its user can mend is told in one line, all else is a bug and keeps its stack trace.</summary>
internal static class CommandRunner
{
    private const int Failed = 1;

    public static RootCommand Root() => new("Benchmarks. Every time of the engine is printed beside that of the yardstick, which runs in turns with it.")
    {
        SyntheticCommand.Create(),
        TokenizersCommand.Create(),
        TextCommand.Create(),
        SoakCommand.Create(),
    };

    /// <summary>Runs a command line. What is wrong with it is told with a hint, not behind a page of help: standard output is for results.</summary>
    public static async Task<int> RunAsync(string[] arguments, InvocationConfiguration configuration)
    {
        var parsed = Root().Parse(arguments);
        string[] mistakes = parsed.Action is ParseErrorAction ? [.. parsed.Errors.Select(e => e.Message)] : [.. Swallowed(parsed)];
        if (mistakes.Length == 0)
        {
            return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }

        var command = parsed.CommandResult.Command;
        foreach (var mistake in mistakes)
        {
            await TellAsync(configuration, command, mistake).ConfigureAwait(false);
        }

        await configuration.Error.WriteLineAsync($"More: {(command is RootCommand ? "" : command.Name + " ")}--help").ConfigureAwait(false);
        return Failed;
    }

    public static void Run(this Command command, Func<ParseResult, CancellationToken, Task> action) => command.SetAction(async (parsed, _) =>
    {
        using var stop = new StopSignals("benchmarks");
        try
        {
            await action(parsed, stop.Token).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return stop.ExitCode;
        }
        catch (Exception exception) when (Problem(exception) is { } problem)
        {
            await TellAsync(parsed.InvocationConfiguration, command, problem).ConfigureAwait(false);
            return Failed;
        }
    });

    public static void Run(this Command command, Action<ParseResult, CancellationToken> action) => command.Run((parsed, cancellationToken) =>
    {
        action(parsed, cancellationToken);
        return Task.CompletedTask;
    });

    /// <summary>An option whose value is left out takes the next option for it: to the parser no mistake.</summary>
    private static IEnumerable<string> Swallowed(ParseResult parsed) =>
        from option in parsed.CommandResult.Command.Options
        from token in parsed.GetResult(option)?.Tokens ?? []
        where token.Value.StartsWith("--", StringComparison.Ordinal)
        select $"{option.Name} needs a value, and '{token.Value}' looks like another option.";

    /// <summary>What is wrong with what the user gave; null for a bug.</summary>
    private static string? Problem(Exception exception) => exception switch
    {
        IOException or UnauthorizedAccessException or InvalidDataException or FormatException or ModelNotFoundException or ModelPackageException or TokenizationException => exception.Message,
        _ => FileTooLarge.Is(exception) ? FileTooLarge.Message : null,
    };

    private static Task TellAsync(InvocationConfiguration configuration, Command command, string problem) =>
        configuration.Error.WriteLineAsync($"{(command is RootCommand ? "benchmarks" : command.Name)}: {problem.ReplaceLineEndings(" ")}");
}
