using System.Diagnostics;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Benchmarking;

/// <summary>Measures how fast a package encodes documents, against its bare session and against the naive way.</summary>
public static class ModelBenchmark
{
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(0.5);

    /// <summary>Until the .NET runtime has compiled anew what runs often: on other threads, whose time would be counted.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <param name="folder">Of the package.</param>
    /// <param name="naiveFolder">Of the package that the naive way runs: the same, or the one that this one was quantised from.</param>
    /// <param name="rounds">Each measures all three, one after another, so that a busy machine slows them alike.</param>
    /// <param name="report">Gets the round that has ended.</param>
    /// <exception cref="ModelPackageException">The package can't be used.</exception>
    public static ModelBenchmarkResult Run(
        string folder, string naiveFolder, IReadOnlyList<string> texts, EncoderOptions options, int rounds, Action<int> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(report);
        ArgumentOutOfRangeException.ThrowIfZero(texts.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        var package = ModelPackage.Read(folder, Path.GetFileName(folder));
        using var encoder = MeasuredEncoder.Open(package, options);
        using var bare = SpladeSession.Open(
            RunnableGraph.Load(package.Files, package.Documents, package.Dense), package.Documents.Tokenizer.VocabularySize, options);
        using var naive = new NaiveEncoder(ModelPackage.Read(naiveFolder, package.Name), options);
        var batches = encoder.Batches(texts);
        try
        {
            var (whole, alone, plain) = (new Timings(), new Timings(), new Timings());
            for (var round = 0; round <= rounds; round++)
            {
                // The first round is for warming up.
                var counts = round > 0;
                var least = counts ? LeastTime : WarmUp;
                whole.Add(Measure(() => encoder.Encode(texts, cancellationToken), least), counts);
                alone.Add(Measure(() => batches.ForEach(b => bare.Infer(b).Dispose()), least), counts);
                plain.Add(Measure(() => naive.Encode(texts), least), counts);
                cancellationToken.ThrowIfCancellationRequested();
                report(round);
            }

            var tokens = batches.Sum(b => (double)b.Tokens);
            return new ModelBenchmarkResult(
                texts.Count / whole.Wall,
                tokens / whole.Wall,
                texts.Count / alone.Wall,
                texts.Count / plain.Wall,
                1 - (tokens / batches.Sum(b => (double)b.Batch * b.Length)),
                new ProcessorTime(whole.Processor / texts.Count, alone.Processor / texts.Count, plain.Processor / texts.Count));
        }
        finally
        {
            batches.ForEach(b => b.Dispose());
        }
    }

    private static (double Wall, double Processor) Measure(Action run, TimeSpan least)
    {
        // What another one left behind is not collected on this one's time.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var times = 0;
        do
        {
            run();
            times++;
        }
        while (watch.Elapsed < least);
        return (watch.Elapsed.TotalSeconds / times, (Environment.CpuUsage.TotalTime - before).TotalSeconds / times);
    }

    private sealed class Timings
    {
        private readonly List<(double Wall, double Processor)> _rounds = [];

        /// <summary>Median in seconds.</summary>
        public double Wall => Median(_rounds.Select(r => r.Wall));

        /// <inheritdoc cref="Wall"/>
        public double Processor => Median(_rounds.Select(r => r.Processor));

        public void Add((double Wall, double Processor) round, bool counts)
        {
            if (counts)
            {
                _rounds.Add(round);
            }
        }

        private static double Median(IEnumerable<double> values)
        {
            var sorted = values.Order().ToArray();
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }
}
