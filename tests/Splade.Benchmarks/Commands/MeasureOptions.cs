using System.CommandLine;
using System.Globalization;
using Splade.Benchmarks.Corpora;
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

    public Option<string?> Index { get; } = new Option<string?>("--index")
    {
        Description = "Keep vectors and index in this folder, and the next time measure without building: for changes of the search.",
    }.NotEmpty("a folder");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_k, _scales, _threads, _passes, _clock, Index, _json])
        {
            command.Options.Add(option);
        }
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="description">What tells one collection from another.</param>
    /// <param name="make">Documents and queries.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public void Run(ParseResult parsed, string description, Func<(VectorReader Documents, VectorReader Queries)> make, CancellationToken cancellationToken)
    {
        var options = Read(parsed);
        var kept = parsed.GetValue(Index);
        var folder = kept ?? Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            // Measured from files, so that making vectors is no part of the build.
            var (documents, queries) = SavedCollection.In(folder, description, make, cancellationToken);
            Run(parsed, documents, queries, options with { IndexFolder = kept is null ? null : Path.Combine(folder, "index") }, cancellationToken);
        }
        finally
        {
            if (kept is null && Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Checked before anything is made, which may take minutes.</summary>
    /// <exception cref="FormatException">A setting is out of range; the message says which it is and what it may be.</exception>
    private BenchmarkOptions Read(ParseResult parsed)
    {
        var options = new BenchmarkOptions
        {
            Ks = Numbers<int>("--k", parsed.GetValue(_k)!, "10,1000"),
            BoundScales = Numbers<double>("--bound-scales", parsed.GetValue(_scales)!, "0.9,0.8"),
            Threads = parsed.GetValue(_threads),
            Passes = parsed.GetValue(_passes),
            Clock = parsed.GetValue(_clock),
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException exception)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    private void Run(ParseResult parsed, VectorReader documents, VectorReader queries, BenchmarkOptions options, CancellationToken cancellationToken)
    {
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

    private static T[] Numbers<T>(string option, string list, string example)
        where T : IParsable<T> =>
        [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(n => T.TryParse(n, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"{option}: '{n}' is no number that it can be; expected something like {example}."))];
}
