using System.Diagnostics;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Benchmarking;

/// <summary>Measures how fast a package encodes documents, against its bare session and against the naive way.</summary>
public static class ModelBenchmark
{
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(0.5);

    /// <param name="folder">Of the package.</param>
    /// <param name="rounds">Each measures all three, one after another, so that a busy machine slows them alike.</param>
    /// <param name="report">Gets the round that has ended.</param>
    /// <exception cref="ModelPackageException">The package can't be used.</exception>
    public static ModelBenchmarkResult Run(
        string folder, IReadOnlyList<string> texts, EncoderOptions options, int rounds, Action<int> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentOutOfRangeException.ThrowIfZero(texts.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        var package = ModelPackage.Read(folder, Path.GetFileName(folder));
        if (package.Dense is not null)
        {
            throw new ModelPackageException(folder, "A dense model has no sparse vectors to measure.");
        }

        using var encoder = new OnnxSparseEncoder(package, "", options);
        using var naive = new NaiveEncoder(package, options);
        var batches = encoder.DocumentBatches(texts);
        try
        {
            var seconds = new List<(double Whole, double Bare, double Naive)>();
            for (var round = 0; round <= rounds; round++)
            {
                var measured = (
                    Measure(() => encoder.EncodeDocuments(texts, cancellationToken)),
                    Measure(() => batches.ForEach(b => encoder.DocumentSession.Infer(b).Dispose())),
                    Measure(() => naive.Encode(texts)));
                cancellationToken.ThrowIfCancellationRequested();
                if (round > 0)
                {
                    seconds.Add(measured);
                }

                report(round);
            }

            var tokens = batches.Sum(b => (double)b.Tokens);
            var whole = Median(seconds.Select(s => s.Whole));
            return new ModelBenchmarkResult(
                texts.Count / whole,
                tokens / whole,
                texts.Count / Median(seconds.Select(s => s.Bare)),
                texts.Count / Median(seconds.Select(s => s.Naive)),
                1 - (tokens / batches.Sum(b => (double)b.Batch * b.Length)));
        }
        finally
        {
            batches.ForEach(b => b.Dispose());
        }
    }

    private static double Measure(Action run)
    {
        var watch = Stopwatch.StartNew();
        var times = 0;
        do
        {
            run();
            times++;
        }
        while (watch.Elapsed < LeastTime);
        return watch.Elapsed.TotalSeconds / times;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
