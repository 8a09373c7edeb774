using System.Globalization;
using System.Text;

namespace Splade.Evaluation.Speed;

/// <summary>A report for people: a Markdown table, every time beside its ratio to the yardstick's at the same depth.</summary>
public static class BenchmarkTable
{
    private static readonly string[] Header = ["k", "mode", "mean us", "p50", "p99", "x yardstick", "recall", "postings", "blocks", "allocated B"];

    public static string Of(BenchmarkReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        List<string[]> rows = [Header];
        foreach (var result in report.Results)
        {
            var yardstick = report.Results.FirstOrDefault(r => r.Mode == "yardstick" && r.K == result.K);
            rows.Add(
            [
                Text($"{result.K}"),
                result.Setting.Length == 0 ? result.Mode : $"{result.Mode} {result.Setting}",
                Text($"{result.MeanMicros:0.0}"),
                Text($"{result.P50Micros:0.0}"),
                Text($"{result.P99Micros:0.0}"),
                yardstick is null ? "" : Text($"{result.MeanMicros / yardstick.MeanMicros:0.00}"),
                Text($"{result.Recall:0.0000}"),
                Text($"{result.Postings:0}"),
                Text($"{result.Blocks:0}"),
                Text($"{result.AllocatedBytes:0}"),
            ]);
        }

        var text = new StringBuilder();
        text.AppendLine(Text(
            $"{report.Documents:N0} documents, {report.Terms:N0} terms, {report.Postings:N0} postings; built in {report.BuildSeconds:0.0} s; {report.BytesPerPosting:0.00} bytes a posting, {report.IndexBytes / 1e6:0.0} MB in files, {report.ResidentBytes / 1e6:0.0} MB resident"));
        text.AppendLine();
        Append(text, rows);
        if (report.Parts.Count > 0)
        {
            text.AppendLine();
            text.AppendLine(Text($"Opened in {report.OpenMillis.Unchecked:0.0} ms, with a check of every section in {report.OpenMillis.Checked:0.0} ms"));
            text.AppendLine("Bytes a posting: " + string.Join(
                ", ", report.Parts.OrderByDescending(p => p.Bytes).Select(p => Text($"{p.Part} {p.Bytes / Math.Max(1.0, report.Postings):0.000}"))));
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, List<string[]> rows)
    {
        var widths = Enumerable.Range(0, Header.Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        for (var r = 0; r < rows.Count; r++)
        {
            text.Append("| ").AppendJoin(" | ", rows[r].Select((cell, c) => c == 1 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]))).AppendLine(" |");
            if (r == 0)
            {
                text.Append('|').AppendJoin("|", widths.Select((w, c) => c == 1 ? new string('-', w + 2) : new string('-', w + 1) + ":")).AppendLine("|");
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
