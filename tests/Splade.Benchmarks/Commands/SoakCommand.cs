using System.CommandLine;
using Splade.Benchmarks.Soak;
using Splade.Evaluation.Programs;

namespace Splade.Benchmarks.Commands;

/// <summary>The soak test of the engine, for as long as wanted.</summary>
internal static class SoakCommand
{
    public static Command Create()
    {
        var minutes = new Option<double>("--minutes") { Description = "How long.", DefaultValueFactory = _ => 10 }.Between(0.01, 60_000);
        var seed = new Option<int>("--seed") { Description = "Of the operations; threads interleave as they like.", DefaultValueFactory = _ => 1 };
        var searchers = new Option<int>("--searchers") { Description = "Searching threads.", DefaultValueFactory = _ => 2 }.Between(1, 1024);
        var command = new Command(
            "soak", "Index, delete, flush, merge, reopen and search at once, compared with an oracle in memory. Example: soak --minutes 60 --seed 7") { minutes, seed, searchers };

        // All that can fail here is the engine: with its stack trace.
        command.SetAction(async (parsed, _) =>
        {
            using var signals = new StopSignals("soak");
            var folder = Directory.CreateTempSubdirectory("splade-soak-");
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token);
            stop.CancelAfter(TimeSpan.FromMinutes(parsed.GetValue(minutes)));
            try
            {
                using var run = new SoakRun(folder.FullName, parsed.GetValue(seed));
                await run.RunAsync(parsed.GetValue(searchers), stop.Token).ConfigureAwait(false);
                Console.WriteLine(
                    $"{run.Operations:N0} operations, {run.Searches:N0} searches, {run.Flushes:N0} flushes, {run.Merges:N0} merges, {run.Reopenings:N0} reopenings: engine and oracle agree");
                return signals.ExitCode;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }
}
