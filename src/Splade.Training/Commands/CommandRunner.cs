using System.CommandLine;
using Splade.Encoding;
using Splade.Training.Data;
using Splade.Training.Native;
using Splade.Training.Steps;

namespace Splade.Training.Commands;

/// <summary>Runs a command and turns every failure into one line on standard error and an exit code.</summary>
internal static class CommandRunner
{
    public const int Ok = 0;
    private const int Failed = 1;

    /// <summary>As shells count Ctrl-C.</summary>
    private const int Cancelled = 130;

    public static void Run(this Command command, Action<ParseResult, CancellationToken> action) => command.SetAction((parsed, cancellationToken) => Task.Run(() =>
    {
        try
        {
            action(parsed, cancellationToken);
            return Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var hasResume = command.Options.Any(o => o.Name == "--resume");
            Console.Error.WriteLine($"splade-train: stopped. Go on with: {(hasResume ? $"splade {Path(command)} --resume --out FOLDER" : "the same command again")}");
            return Cancelled;
        }
        catch (Exception exception) when (exception is TrainingDataException or TrainingDivergedException or TorchUnavailableException or ModelPackageException or ModelNotFoundException
            or IOException or UnauthorizedAccessException or FormatException)
        {
            return Fail(exception.Message);
        }
        catch (Exception exception)
        {
            return Fail($"unexpected {exception.GetType().Name}: {exception.Message}");
        }
    }));

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault(c => c is not RootCommand) is { } parent ? $"{Path(parent)} {command.Name}" : command.Name;

    private static int Fail(string message)
    {
        Console.Error.WriteLine("splade-train: " + message.ReplaceLineEndings(" "));
        return Failed;
    }
}
