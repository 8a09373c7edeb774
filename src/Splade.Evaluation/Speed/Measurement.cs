namespace Splade.Evaluation.Speed;

/// <summary>Runs one contender at one depth over all queries, several times.</summary>
internal sealed class Measurement
{
    private readonly Contender[] _contenders;
    private readonly int _k;
    private readonly BenchmarkClock _clock;
    private readonly double[][] _micros;
    private long _allocated;
    private long _postings;
    private long _blocks;
    private long _searches;

    /// <param name="contender">What to run; one copy of it for each thread.</param>
    /// <param name="k">Depth.</param>
    /// <param name="queryCount">Queries are 0 to this.</param>
    /// <param name="options">Passes to come, threads and clock.</param>
    public Measurement(Contender contender, int k, int queryCount, BenchmarkOptions options)
    {
        _contenders = [contender, .. Enumerable.Range(1, options.Threads - 1).Select(_ => contender.Share())];
        _k = k;
        _clock = options.Clock;
        _micros = [.. Enumerable.Range(0, queryCount).Select(_ => new double[options.Passes])];
    }

    /// <summary>A pass that compiles code and touches pages; returns what each query found.</summary>
    public (string Row, double Score)[][] Warm(CancellationToken cancellationToken)
    {
        var rankings = new (string, double)[_micros.Length][];
        for (var q = 0; q < rankings.Length; q++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _contenders[0].Search(q, _k);
            rankings[q] = _contenders[0].Ranking();
        }

        return rankings;
    }

    public void Run(int pass, CancellationToken cancellationToken)
    {
        if (_contenders.Length == 1)
        {
            Run(_contenders[0], pass, first: 0, step: 1, cancellationToken);
            return;
        }

        var threads = _contenders.Select((c, t) => new Thread(() => Run(c, pass, t, _contenders.Length, cancellationToken))).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public BenchmarkResult Result(double recall)
    {
        var latencies = _micros.Select(Median).Order().ToArray();
        return new BenchmarkResult(
            _contenders[0].Mode,
            _contenders[0].Setting,
            _k,
            Math.Round(latencies.Average(), 2),
            Math.Round(Percentile(latencies, 0.5), 2),
            Math.Round(Percentile(latencies, 0.99), 2),
            Math.Round(recall, 5),
            Math.Round((double)_postings / _searches, 1),
            Math.Round((double)_blocks / _searches, 1),
            Math.Round((double)_allocated / _searches, 1));
    }

    private void Run(Contender contender, int pass, int first, int step, CancellationToken cancellationToken)
    {
        long postings = 0, blocks = 0, searches = 0;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var q = first; q < _micros.Length && !cancellationToken.IsCancellationRequested; q += step)
        {
            var start = _clock.Now();
            contender.Search(q, _k);
            _micros[q][pass] = _clock.Now() - start;
            var work = contender.Work;
            postings += work.Postings;
            blocks += work.Blocks;
            searches++;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Interlocked.Add(ref _allocated, allocated);
        Interlocked.Add(ref _postings, postings);
        Interlocked.Add(ref _blocks, blocks);
        Interlocked.Add(ref _searches, searches);
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Percentile(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
