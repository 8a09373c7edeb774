using System.Globalization;
using Spectre.Console;

namespace Splade.Cli;

/// <summary>A progress bar on standard error, and nothing where that is no terminal.</summary>
internal static class ConsoleProgress
{
    /// <param name="work">Reports how much is done and a word on it; null keeps the last word.</param>
    public static async Task<T> RunAsync<T>(string description, double total, Func<Action<double, string?>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
        {
            return await work(static (_, _) => { }).ConfigureAwait(false);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(Markup.Escape(description), maxValue: Math.Max(1, total));
                return work((done, word) =>
                {
                    task.Value = done;
                    if (word is not null)
                    {
                        task.Description = Markup.Escape(word);
                    }
                });
            }).ConfigureAwait(false);
    }

    public static string Bytes(double bytes) => bytes switch
    {
        >= 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 30):0.0} GB"),
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 20):0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.0} KB"),
    };
}
