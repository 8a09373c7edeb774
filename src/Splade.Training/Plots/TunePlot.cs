using ScottPlot;
using Splade.Training.Tuning;

namespace Splade.Training.Plots;

/// <summary>Quality against sparsity, a line for each model over its prunings: tune.svg and tune.png.</summary>
internal static class TunePlot
{
    public static void Write(IReadOnlyList<TuneRow> rows, string folder)
    {
        var plots = new List<Plot>();
        foreach (var data in rows.GroupBy(r => r.Data, StringComparer.Ordinal))
        {
            plots.Add(Of(data, $"{data.Key}: nDCG@10 against terms of a document", "terms of a document", r => r.DocumentTerms, r => r.Ndcg10));
            plots.Add(Of(data, $"{data.Key}: recall@100 against index size", "GB for a million documents", r => r.IndexGigabytesPerMillion, r => r.Recall100));
        }

        PlotFile.Write(Path.Combine(folder, "tune"), plots);
    }

    private static Plot Of(IEnumerable<TuneRow> rows, string title, string axis, Func<TuneRow, double> x, Func<TuneRow, double> y)
    {
        var plot = new Plot();
        plot.Title(title);
        plot.XLabel(axis);
        foreach (var model in rows.GroupBy(r => r.Model, StringComparer.Ordinal))
        {
            var points = model.OrderBy(x).ToArray();
            var line = plot.Add.Scatter(points.Select(x).ToArray(), points.Select(y).ToArray());
            line.LegendText = model.Key;
            foreach (var point in points)
            {
                var label = plot.Add.Text(point.Pruning, x(point), y(point));
                label.LabelFontSize = 9;
                label.OffsetY = -4;
            }
        }

        plot.ShowLegend(Alignment.LowerRight);
        return plot;
    }
}
