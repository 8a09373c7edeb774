using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Splade.Encoding;

namespace Splade.Benchmarks.Commands;

/// <summary>Runs a command; what its user can mend is told in one line, all else is a bug and keeps its stack trace.</summary>
internal static class CommandRunner
{
    private const int Failed = 1;
    private const int Stopped = 130;

    public static RootCommand Root() => new("Benchmarks. Every time of the engine is printed beside that of the yardstick, which runs in turns with it.")
    {
        SyntheticCommand.Create(),
        TokenizersCommand.Create(),
        TextCommand.Create(),
        SoakCommand.Create(),
    };

    public static void Run(this Command command, Func<ParseResult, CancellationToken, Task> action) => command.SetAction(async (parsed, cancellationToken) =>
    {
        try
        {
            // On another thread, so that a signal is heard meanwhile.
            await Task.Run(() => action(parsed, cancellationToken), CancellationToken.None).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Stopped;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or ArgumentException or ModelNotFoundException or ModelPackageException)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"{command.Name}: {exception.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
            return Failed;
        }
    });

    public static void Run(this Command command, Action<ParseResult, CancellationToken> action) => command.Run((parsed, cancellationToken) =>
    {
        action(parsed, cancellationToken);
        return Task.CompletedTask;
    });

    /// <summary>Refuses other numbers before anything is made.</summary>
    public static Option<T> Between<T>(this Option<T> option, T least, T most)
        where T : INumber<T>
    {
        option.Validators.Add(result =>
        {
            // What is no number the parser refuses itself.
            if (result.Tokens is [var token] && T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !(value >= least && value <= most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be between {least:#,0.###} and {most:#,0}."));
            }
        });
        return option;
    }
}
