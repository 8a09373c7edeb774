using ScottPlot;
using SkiaSharp;
using Splade.Training.Runs;

namespace Splade.Training.Plots;

/// <summary>Writes plots, one under the other, as SVG and PNG.</summary>
internal static class PlotFile
{
    private const int Width = 1000;
    private const int HeightOfOne = 360;

    /// <param name="path">Without extension.</param>
    public static void Write(string path, IReadOnlyList<Plot> plots)
    {
        if (plots.Count == 0)
        {
            return;
        }

        var multi = new Multiplot { Layout = new ScottPlot.MultiplotLayouts.Rows() };
        multi.Reset(plots[0]);
        foreach (var plot in plots.Skip(1))
        {
            multi.Subplots.Add(plot);
        }

        var height = HeightOfOne * plots.Count;
        RunFolder.WriteAtomically(path + ".svg", file =>
        {
            using var stream = File.Create(file);
            using var canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, height), stream);
            multi.Render(canvas, new PixelRect(0, Width, height, 0));
        });
        multi.SavePng(path + ".png", Width, height);
    }
}
