using ScottPlot;
using Splade.Training.Runs;

namespace Splade.Training.Plots;

/// <summary>Loss and sparsity over the steps: metrics.svg and metrics.png.</summary>
internal static class MetricsPlot
{
    private const double Smoothing = 0.95;

    public static void Write(string metrics, string folder)
    {
        var all = MetricsFile.Read(metrics).ToArray();
        var plots = new List<Plot>();
        AddStage(RunStage.Pretraining, "Pretraining: masked-language loss", ("loss", "loss"));
        AddStage(RunStage.Training, "Training: loss", ("loss", "loss"), ("base_loss", "ranking"), ("document_regularizer_loss", "regulariser"));
        AddStage(RunStage.Training, "Training: terms of a document", ("document_terms", "non-zeros"));
        PlotFile.Write(Path.Combine(folder, "metrics"), plots);

        void AddStage(RunStage stage, string title, params (string Key, string Label)[] lines)
        {
            var rows = all.Where(m => m.Stage == stage).ToArray();
            if (rows.Length < 2)
            {
                return;
            }

            var plot = new Plot();
            plot.Title(title);
            plot.XLabel("step");
            foreach (var (key, label) in lines)
            {
                var line = plot.Add.Scatter(rows.Select(r => (double)r.Step).ToArray(), Smooth(rows.Select(r => r.Values.GetProperty(key).GetDouble())));
                line.MarkerSize = 0;
                line.LegendText = label;
            }

            plot.ShowLegend(Alignment.UpperRight);
            plots.Add(plot);
        }
    }

    /// <summary>Exponential moving average, so that the trend is seen behind the noise of batches.</summary>
    private static double[] Smooth(IEnumerable<double> values)
    {
        var (mean, weight) = (0.0, 0.0);
        return [.. values.Select(v =>
        {
            mean = (mean * Smoothing) + (v * (1 - Smoothing));
            weight = (weight * Smoothing) + (1 - Smoothing);
            return mean / weight;
        })];
    }
}
