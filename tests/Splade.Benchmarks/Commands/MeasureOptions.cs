using System.CommandLine;
using System.Globalization;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Speed;

namespace Splade.Benchmarks.Commands;

/// <summary>Options of every command that measures, and the measuring.</summary>
internal sealed class MeasureOptions
{
    private readonly Option<string> _k = new("--k") { Description = "Depths.", DefaultValueFactory = _ => "10,100,1000" };
    private readonly Option<string> _scales = new("--bound-scales") { Description = "Dials of the approximate mode.", DefaultValueFactory = _ => "0.9,0.8,0.7" };
    private readonly Option<int> _threads = new("--threads") { Description = "Searches at a time.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _passes = new("--passes") { Description = "Measured passes over the queries.", DefaultValueFactory = _ => 5 };
    private readonly Option<BenchmarkClock> _clock = new("--clock") { Description = "Wall, or Processor time on a crowded machine." };
    private readonly Option<bool> _json = new("--json") { Description = "Print the JSON of `splade bench` instead of a table." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_k, _scales, _threads, _passes, _clock, _json])
        {
            command.Options.Add(option);
        }
    }

    public void Run(ParseResult parsed, VectorReader documents, VectorReader queries, int maxQueries, CancellationToken cancellationToken)
    {
        var options = new BenchmarkOptions
        {
            Ks = Numbers(parsed.GetValue(_k)!, int.Parse),
            BoundScales = Numbers(parsed.GetValue(_scales)!, double.Parse),
            Threads = parsed.GetValue(_threads),
            MaxQueries = maxQueries,
            Passes = parsed.GetValue(_passes),
            Clock = parsed.GetValue(_clock),
        };
        var stage = "";
        var report = EngineBenchmark.Run(
            documents,
            queries,
            options,
            progress =>
            {
                if (progress.Stage != stage)
                {
                    stage = progress.Stage;
                    Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {stage}");
                }
            },
            cancellationToken);
        Console.WriteLine(parsed.GetValue(_json) ? report.ToJson() : BenchmarkTable.Of(report));
    }

    private static T[] Numbers<T>(string list, Func<string, IFormatProvider, T> parse) =>
        [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(n => parse(n, CultureInfo.InvariantCulture))];
}
