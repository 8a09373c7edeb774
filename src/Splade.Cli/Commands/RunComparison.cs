using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Splade.Evaluation;

namespace Splade.Cli.Commands;

/// <summary>TREC runs beside each other and their blend, over all queries that have judgements; one that a run lacks counts as one without results.</summary>
/// <param name="Name">Of the file; <see cref="Sum"/> for the blend.</param>
/// <param name="Ndcg10">To the first run.</param>
internal sealed record RunComparison(string Name, EvaluationReport Report, PairedDifference Ndcg10)
{
    public const string Sum = "z-score sum";

    /// <param name="weights">Of the runs in their sum; null for equal ones.</param>
    /// <exception cref="FormatException">A file is no TREC run.</exception>
    public static IReadOnlyList<RunComparison> Of(IReadOnlyList<string> files, IReadOnlyDictionary<string, Dictionary<string, int>> judgements, IReadOnlyList<double>? weights = null)
    {
        var runs = files.Select(f => (Name: Path.GetFileName(f), Results: Complete(TrecFiles.ReadRun(f), judgements.Keys))).ToList();
        if (runs.Count > 1)
        {
            runs.Add((Sum, RunBlend.ZScoreSum([.. runs.Select(r => r.Results)], weights)));
        }

        var first = Ndcg(runs[0].Results);
        return [.. runs.Select(r => new RunComparison(r.Name, EvaluationReport.Of(r.Results, judgements), PairedDifference.Of(first, Ndcg(r.Results))))];

        double[] Ndcg(Dictionary<string, IReadOnlyList<(string Id, double Score)>> run) =>
            [.. judgements.Select(q => TrecMetrics.NdcgAt(10, TrecMetrics.Order(run[q.Key]), q.Value))];
    }

    /// <param name="text">As the command line has it, with commas between; null for equal weights.</param>
    /// <param name="runs">How many are needed.</param>
    /// <exception cref="CliException">There is not a number for each run.</exception>
    public static IReadOnlyList<double>? Weights(string? text, int runs)
    {
        if (text is null)
        {
            return null;
        }

        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var weights = new List<double>();
        foreach (var part in parts)
        {
            if (double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && double.IsFinite(weight))
            {
                weights.Add(weight);
            }
        }

        return weights.Count == parts.Length && parts.Length == runs
            ? weights
            : throw new CliException($"--weights {text} does not fit: expected {runs} numbers, one for each run, with commas between.");
    }

    public static void Print(IReadOnlyList<RunComparison> rows, bool asJson)
    {
        if (asJson)
        {
            JsonOutput.Print(new JsonArray([.. rows.Select(r => r.ToJson())]));
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("run", "ndcg@10", "to the first (error)", "mrr@10", "recall@100", "recall@1000", "map");
        foreach (var (name, report, difference) in rows)
        {
            table.AddRow([Markup.Escape(name), Number(report.Ndcg10), string.Create(CultureInfo.InvariantCulture, $"{difference.Mean:+0.0000;-0.0000;0} ({difference.StandardError:0.0000})"),
                Number(report.Mrr10), Number(report.Recall100), Number(report.Recall1000), Number(report.Map)]);
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{rows[0].Report.Queries} queries");
    }

    private JsonObject ToJson()
    {
        var json = new JsonObject { ["run"] = Name, ["queries"] = Report.Queries };
        foreach (var (name, value) in EvalCommand.Measures(Report))
        {
            json[name] = Math.Round(value, 6);
        }

        json["ndcg@10_difference"] = Math.Round(Ndcg10.Mean, 6);
        json["standard_error"] = Math.Round(Ndcg10.StandardError, 6);
        return json;
    }

    private static Dictionary<string, IReadOnlyList<(string Id, double Score)>> Complete(
        Dictionary<string, IReadOnlyList<(string Id, double Score)>> run, IEnumerable<string> queries) =>
        queries.ToDictionary(q => q, q => run.GetValueOrDefault(q) ?? [], StringComparer.Ordinal);

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
