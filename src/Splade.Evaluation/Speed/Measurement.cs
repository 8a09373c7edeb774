namespace Splade.Evaluation.Speed;

/// <summary>Runs one contender at one depth over all queries, several times.</summary>
internal sealed class Measurement
{
    private readonly Contender[] _contenders;
    private readonly SearchThreads _threads;
    private readonly int _k;
    private readonly BenchmarkClock _clock;
    private readonly double[][] _micros;
    private long _allocated;
    private long _postings;
    private long _blocks;
    private long _searches;

    /// <param name="contender">What to run; one copy of it for each thread.</param>
    /// <param name="threads">Who searches; queries are dealt to them.</param>
    /// <param name="k">Depth.</param>
    /// <param name="queryCount">Queries are 0 to this.</param>
    /// <param name="options">Passes to come and clock.</param>
    public Measurement(Contender contender, SearchThreads threads, int k, int queryCount, BenchmarkOptions options)
    {
        _contenders = [contender, .. Enumerable.Range(1, threads.Count - 1).Select(_ => contender.Share())];
        _threads = threads;
        _k = k;
        _clock = options.Clock;
        _micros = [.. Enumerable.Range(0, queryCount).Select(_ => new double[options.Passes])];
    }

    /// <summary>A pass that is not measured; returns what each query found.</summary>
    public (string Row, double Score)[][] Rankings(CancellationToken cancellationToken)
    {
        var rankings = new (string, double)[_micros.Length][];
        Pass((contender, q) =>
        {
            contender.Search(q, _k);
            rankings[q] = contender.Ranking();
        }, cancellationToken);
        return rankings;
    }

    /// <summary>A pass that is not measured.</summary>
    public void Warm(CancellationToken cancellationToken) => Pass((contender, q) => contender.Search(q, _k), cancellationToken);

    public void Run(int pass, CancellationToken cancellationToken) => _threads.Run(thread =>
    {
        var contender = _contenders[thread];
        long postings = 0, blocks = 0, searches = 0;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var q = thread; q < _micros.Length; q += _threads.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
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
    });

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

    private void Pass(Action<Contender, int> search, CancellationToken cancellationToken) => _threads.Run(thread =>
    {
        for (var q = thread; q < _micros.Length; q += _threads.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            search(_contenders[thread], q);
        }
    });

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Percentile(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
