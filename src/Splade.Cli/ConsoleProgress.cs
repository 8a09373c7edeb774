using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Splade.Cli;

/// <summary>Progress on standard error: a bar on a terminal, else a line now and then and one at the end.</summary>
internal static class ConsoleProgress
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    /// <summary>Standard error, for progress: standard output is for results. Only where it is no file or pipe.</summary>
    public static IAnsiConsole ErrorConsole { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>A line on standard error, above the bar where there is one.</summary>
    public static void Tell(string line)
    {
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(line);
        }
        else
        {
            ErrorConsole.WriteLine(line);
        }
    }

    /// <param name="total">0 where it is not known.</param>
    /// <param name="work">Reports how much is done and a word on it; null keeps the last word.</param>
    public static Task<T> RunAsync<T>(string description, double total, Func<Action<double, string?>, Task<T>> work) =>
        Console.IsErrorRedirected ? RunInLinesAsync(description, total, work, Console.Error, BetweenLines) : RunWithBarAsync(description, total, work);

    /// <summary>Decimal units, as files are sized elsewhere.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} KB"),
    };

    /// <param name="between">Time that passes between two lines at least.</param>
    internal static async Task<T> RunInLinesAsync<T>(string description, double total, Func<Action<double, string?>, Task<T>> work, TextWriter output, TimeSpan between)
    {
        var gate = new Lock();
        var (last, done, word) = (Stopwatch.GetTimestamp(), 0d, description);
        var result = await work((now, said) =>
        {
            lock (gate)
            {
                (done, word) = (now, said ?? word);
                if (Stopwatch.GetElapsedTime(last) >= between)
                {
                    last = Stopwatch.GetTimestamp();
                    output.WriteLine(Line());
                }
            }
        }).ConfigureAwait(false);
        await output.WriteLineAsync(total > 0 ? $"{word}, 100 %" : word).ConfigureAwait(false);
        return result;

        string Line() => total > 0 ? string.Create(CultureInfo.InvariantCulture, $"{word}, {100 * done / total:0} %") : word;
    }

    private static async Task<T> RunWithBarAsync<T>(string description, double total, Func<Action<double, string?>, Task<T>> work)
    {
        return await ErrorConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(Markup.Escape(description), maxValue: Math.Max(1, total));
                task.IsIndeterminate = total <= 0;
                return work((done, word) =>
                {
                    task.Value = total > 0 ? done : 0;
                    if (word is not null)
                    {
                        task.Description = Markup.Escape(word);
                    }
                });
            }).ConfigureAwait(false);
    }
}
