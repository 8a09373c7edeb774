using System.Diagnostics;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Benchmarking;

/// <summary>Measures how long queries take while nothing else runs, and while documents are encoded without a pause.</summary>
public static class QueryBenchmark
{
    private const int WarmUp = 5;

    /// <param name="folder">Of the package.</param>
    /// <param name="documents">Encoded again and again beside the queries.</param>
    /// <param name="queries">Encoded one after another.</param>
    /// <exception cref="ModelPackageException">The package can't be used.</exception>
    public static QueryBenchmarkResult Run(
        string folder, IReadOnlyList<string> documents, IReadOnlyList<string> queries, EncoderOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(documents?.Count ?? 0);
        ArgumentOutOfRangeException.ThrowIfZero(queries?.Count ?? 0);
        using var encoder = MeasuredEncoder.Open(ModelPackage.Read(folder, Path.GetFileName(folder)), options with { QueryLane = true });
        Latencies(encoder, [.. queries!.Take(WarmUp)], cancellationToken);
        var idle = Latencies(encoder, queries!, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var started = new ManualResetEventSlim();
        var load = new Thread(() =>
        {
            try
            {
                while (true)
                {
                    encoder.Encode(new Watched(documents!, started), stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The queries are done.
            }
        });
        load.Start();
        started.Wait(cancellationToken);
        try
        {
            return new QueryBenchmarkResult(queries!.Count, Percentiles(idle), Percentiles(Latencies(encoder, queries!, cancellationToken)));
        }
        finally
        {
            stop.Cancel();
            load.Join();
        }
    }

    private static List<double> Latencies(MeasuredEncoder encoder, IReadOnlyList<string> queries, CancellationToken cancellationToken)
    {
        var latencies = new List<double>(queries.Count);
        foreach (var query in queries)
        {
            var start = Stopwatch.GetTimestamp();
            encoder.EncodeQuery(query, cancellationToken);
            latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return latencies;
    }

    private static LatencyMilliseconds Percentiles(List<double> latencies)
    {
        latencies.Sort();
        return new LatencyMilliseconds(At(0.5), At(0.99), latencies[^1]);

        double At(double share) => latencies[(int)Math.Ceiling(share * latencies.Count) - 1];
    }

    /// <summary>Tells when the first text is read.</summary>
    private sealed class Watched(IReadOnlyList<string> texts, ManualResetEventSlim started) : IReadOnlyList<string>
    {
        public int Count => texts.Count;

        public string this[int index]
        {
            get
            {
                started.Set();
                return texts[index];
            }
        }

        public IEnumerator<string> GetEnumerator() => texts.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
