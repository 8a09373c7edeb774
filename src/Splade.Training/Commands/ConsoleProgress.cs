using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Splade.Training.Runs;
using Splade.Training.Steps;

namespace Splade.Training.Commands;

/// <summary>Progress on standard error: bars on a terminal, else a line now and then.</summary>
internal static class ConsoleProgress
{
    public static void Run(Action<IRunProgress> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
        {
            work(new Lines());
            return;
        }

        console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new RemainingTimeColumn())
            .Start(context => work(new Bars(console, context)));
    }

    private static string Describe(StepReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"loss {report.Loss:0.000}{(report.DocumentTerms > 0 ? $", {report.DocumentTerms:0} terms a document" : "")}");

    private sealed class Bars(IAnsiConsole console, ProgressContext context) : IRunProgress
    {
        private ProgressTask? _task;
        private string _name = "";

        public void Message(string text) => console.WriteLine(text);

        public void Begin(string name, int done, int total)
        {
            _name = name;
            _task = context.AddTask(Markup.Escape(name), maxValue: total);
            _task.Value = done;
        }

        public void Advance(int done, StepReport? report)
        {
            _task!.Value = done;
            if (report is not null)
            {
                _task.Description = Markup.Escape($"{_name}: step {done}, {Describe(report)}");
            }
        }

        public void End() => _task!.StopTask();
    }

    private sealed class Lines : IRunProgress
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
        private string _name = "";
        private int _first;
        private int _total;
        private long _began;
        private long _last;

        public void Message(string text) => Console.Error.WriteLine(text);

        public void Begin(string name, int done, int total)
        {
            (_name, _first, _total) = (name, done, total);
            _began = _last = Stopwatch.GetTimestamp();
        }

        public void Advance(int done, StepReport? report)
        {
            if (Stopwatch.GetElapsedTime(_last) < Interval && done < _total)
            {
                return;
            }

            _last = Stopwatch.GetTimestamp();
            var left = TimeSpan.FromSeconds(Stopwatch.GetElapsedTime(_began).TotalSeconds / Math.Max(1, done - _first) * (_total - done));
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{_name}: {done} of {_total}{(report is null ? "" : ", " + Describe(report))}, about {left:h\\:mm\\:ss} left"));
        }

        public void End()
        {
        }
    }
}
