using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Splade.Cli.Training;

/// <summary><c>splade train</c> and <c>splade tune</c>: hands the command line over to the trainer as it is, help included.</summary>
internal static class Trainer
{
    private static readonly string[] Help = ["--help", "-h", "-?", "/?"];

    /// <summary>128 and SIGKILL, which no process can say anything about itself.</summary>
    private const int Killed = 137;

    public static bool Takes(string[] args) => args is ["train" or "tune", ..];

    /// <returns>The trainer's exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (TrainerLocator.Find(AppContext.BaseDirectory, Environment.GetEnvironmentVariable) is { } start)
            {
                return await RunAsync(start, args).ConfigureAwait(false);
            }

            var asked = args.Any(Help.Contains);
            await (asked ? Console.Out : Console.Error).WriteLineAsync(TrainerLocator.HowToGetIt).ConfigureAwait(false);
            return asked ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (Exception exception) when (exception is CliException or Win32Exception)
        {
            await Console.Error.WriteLineAsync($"splade: the trainer can't be started: {exception.Message}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static async Task<int> RunAsync(TrainerStart start, string[] args)
    {
        using var process = new Process { StartInfo = new ProcessStartInfo(start.FileName, [.. start.Arguments, .. args]) };

        // Ctrl-C reaches the trainer by itself, which writes a checkpoint and ends; other signals end it from here.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            process.Kill(entireProcessTree: true);
        });
        process.Start();
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode == Killed)
        {
            await Console.Error.WriteLineAsync("splade: the trainer was killed, perhaps because memory ran out. What it had saved is kept: go on with --resume and the same --out.").ConfigureAwait(false);
        }

        return process.ExitCode;
    }
}
