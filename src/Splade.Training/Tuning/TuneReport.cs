using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Splade.Training.Plots;

namespace Splade.Training.Tuning;

/// <summary>The rows of a sweep as a table, JSON, CSV and plot.</summary>
internal static class TuneReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly (string Name, string Format, Func<TuneRow, double> Value)[] Columns =
    [
        ("ndcg@10", "0.0000", r => r.Ndcg10), ("mrr@10", "0.0000", r => r.Mrr10), ("recall@10", "0.0000", r => r.Recall10), ("recall@100", "0.0000", r => r.Recall100),
        ("recall@1000", "0.0000", r => r.Recall1000), ("document_terms", "0.0", r => r.DocumentTerms), ("query_terms", "0.0", r => r.QueryTerms),
        ("flops", "0.000", r => r.Flops), ("index_gb_per_million", "0.000", r => r.IndexGigabytesPerMillion),
    ];

    /// <summary>tune.json, tune.csv, tune.svg and tune.png.</summary>
    public static void Write(IReadOnlyList<TuneRow> rows, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "tune.json"), Json(rows) + "\n");
        File.WriteAllLines(
            Path.Combine(folder, "tune.csv"),
            rows.Select(r => string.Join(',', [Quoted(r.Data), Quoted(r.Model), Lambda(r), r.Pruning, Text(r.Queries, "0"), .. Columns.Select(c => Text(c.Value(r), "R"))]))
                .Prepend(string.Join(',', ["data", "model", "lambda_d", "pruning", "queries", .. Columns.Select(c => c.Name)])));
        TunePlot.Write(rows, folder);
    }

    public static string Json(IReadOnlyList<TuneRow> rows) => JsonSerializer.Serialize(rows, Indented);

    public static Table Table(IReadOnlyList<TuneRow> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("data", "model", "pruning").AddColumns([.. Columns.Select(c => c.Name.Replace('_', ' '))]);
        foreach (var row in rows)
        {
            table.AddRow([Markup.Escape(row.Data), Markup.Escape(row.Model), row.Pruning, .. Columns.Select(c => Text(c.Value(row), c.Format))]);
        }

        return table;
    }

    private static string Lambda(TuneRow row) => row.Lambda is { } lambda ? Text(lambda, "R") : "";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
