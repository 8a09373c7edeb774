using ScottPlot;
using SkiaSharp;

namespace Splade.Training.Runs;

/// <summary>Loss and sparsity over the steps as metrics.svg and metrics.png.</summary>
internal static class MetricsPlot
{
    private const int Width = 1000;
    private const int Height = 360;
    private const double Smoothing = 0.95;

    public static void Write(string metrics, string folder)
    {
        var all = MetricsFile.Read(metrics).ToArray();
        var plots = new List<Plot>();
        AddStage(RunStage.Pretraining, "Pretraining: masked-language loss", ("loss", "loss"));
        AddStage(RunStage.Training, "Training: loss", ("loss", "loss"), ("base_loss", "ranking"), ("document_regularizer_loss", "regulariser"));
        AddStage(RunStage.Training, "Training: terms of a document", ("document_terms", "non-zeros"));
        if (plots.Count == 0)
        {
            return;
        }

        var multi = new Multiplot { Layout = new ScottPlot.MultiplotLayouts.Rows() };
        multi.Reset(plots[0]);
        plots.Skip(1).ToList().ForEach(multi.Subplots.Add);
        var height = Height * plots.Count;
        RunFolder.WriteAtomically(Path.Combine(folder, "metrics.svg"), file =>
        {
            using var stream = File.Create(file);
            using var canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, height), stream);
            multi.Render(canvas, new PixelRect(0, Width, height, 0));
        });
        multi.SavePng(Path.Combine(folder, "metrics.png"), Width, height);

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
