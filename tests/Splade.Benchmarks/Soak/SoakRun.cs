using System.Globalization;
using Splade.Index;

namespace Splade.Benchmarks.Soak;

/// <summary>
/// Writes, deletes, flushes, merges and reopens an index while other threads search it, everything compared with an oracle in memory. Flushes and merges run beside the
/// writing, and some are broken off.
/// </summary>
internal sealed class SoakRun : IDisposable
{
    /// <summary>Different ids. Enough for segments with bounds.</summary>
    public const int Ids = 12_000;

    private readonly string _folder;
    private readonly Random _random;
    private readonly int _seed;
    private readonly IndexWriterOptions _options = new() { SegmentsPerTier = 3, SmallSegmentBytes = 64 << 10, SmallestImpactExponent = 0, MaxDeletedShare = 0.2 };
    private readonly Lock _gate = new();
    private IndexWriter _writer;
    private SoakOracle _oracle = SoakOracle.Empty;
    private readonly List<(string Id, SoakDocument? Document)> _journal = [];
    private (IndexReader Reader, SoakOracle Oracle) _view;
    private long _version;
    private long _searches;
    private SoakJob? _job;

    public SoakRun(string folder, int seed)
    {
        _folder = folder;
        _seed = seed;
        _random = new Random(seed);
        _writer = IndexWriter.Open([], _options);
        _view = (_writer.Refresh(), _oracle);
    }

    public long Operations { get; private set; }

    public long Searches => Interlocked.Read(ref _searches);

    public int Flushes { get; private set; }

    public int Merges { get; private set; }

    public int Reopenings { get; private set; }

    public static string IdOf(int number) => number.ToString("D5", CultureInfo.InvariantCulture);

    /// <summary>Low numbers far more often.</summary>
    public static int TermOf(Random random) => (int)(SoakDocument.Terms * Math.Pow(random.NextDouble(), 2.5));

    /// <param name="searchers">Searching threads.</param>
    /// <param name="stop">Ends the run; asked between operations.</param>
    /// <exception cref="InvalidOperationException">Engine and oracle differ.</exception>
    public async Task RunAsync(int searchers, CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var searching = Enumerable.Range(0, searchers).Select(s => Task.Run(() => Search(_seed + s, failed), CancellationToken.None)).ToArray();
        try
        {
            while (!failed.IsCancellationRequested)
            {
                await StepAsync().ConfigureAwait(false);
            }

            await FinishJobAsync(breakOff: false).ConfigureAwait(false);
            Publish();
            await ReopenAsync().ConfigureAwait(false);
        }
        finally
        {
            await failed.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(searching).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _view.Reader.Dispose();
        _writer.Dispose();
    }

    private async Task StepAsync()
    {
        for (var i = _random.Next(1, Operations < Ids ? 3000 : 300); i > 0; i--)
        {
            Write();
        }

        if (_random.Next(3) > 0)
        {
            Publish();
        }

        if (_job is { Running.IsCompleted: true } || (_job is not null && _random.Next(20) == 0))
        {
            await FinishJobAsync(breakOff: !_job.Running.IsCompleted).ConfigureAwait(false);
        }
        else if (_job is null && _random.Next(3) == 0)
        {
            _job = SoakJob.Begin(_writer, _folder, _journal.Count, _random.Next(4));
        }

        if (_random.Next(200) == 0)
        {
            await ReopenAsync().ConfigureAwait(false);
        }
    }

    private void Write()
    {
        var id = IdOf(_random.Next(Ids));
        Operations++;
        if (_random.Next(4) == 0)
        {
            var was = _oracle.Documents.ContainsKey(id);
            if (_writer.Delete(id) != was)
            {
                throw new InvalidOperationException($"deleting {id} should have said {was}");
            }

            _journal.Add((id, null));
            _oracle = new SoakOracle(_oracle.Documents.Remove(id));
            return;
        }

        var topic = _random.Next(12) * 31;
        var document = new SoakDocument(id, ++_version, Vector(25, topic), Vector(5, 0));
        _writer.Index(document.ToIndexDocument());
        _journal.Add((id, document));
        _oracle = new SoakOracle(_oracle.Documents.SetItem(id, document));
    }

    private (int Term, int Weight)[] Vector(int most, int topic) =>
        [.. Enumerable.Range(0, _random.Next(most + 1)).Select(_ => (TermOf(_random) + (_random.Next(2) * topic)) % SoakDocument.Terms).Distinct().Select(t => (t, _random.Next(1, 256)))];

    private void Publish()
    {
        var next = (_writer.Refresh(), _oracle);
        IndexReader old;
        lock (_gate)
        {
            (old, _view) = (_view.Reader, next);
        }

        old.Dispose();
    }

    private async Task FinishJobAsync(bool breakOff)
    {
        if (_job is not { } job)
        {
            return;
        }

        _job = null;
        if (!await job.FinishAsync(_writer, breakOff).ConfigureAwait(false))
        {
            return;
        }

        if (job.Flushed is { } flushed)
        {
            _journal.RemoveRange(0, flushed);
            Flushes++;
        }
        else
        {
            Merges++;
        }

        var kept = _writer.Published().SelectMany(f => new[] { f.SegmentPath, f.LivePath }).ToHashSet();
        foreach (var file in Directory.EnumerateFiles(_folder).Where(f => !kept.Contains(f)))
        {
            File.Delete(file);
        }
    }

    /// <summary>As after a crash: what was flushed is there, and a journal brings the operations since, some of which merges have seen already.</summary>
    private async Task ReopenAsync()
    {
        await FinishJobAsync(breakOff: false).ConfigureAwait(false);
        var files = _writer.Published();
        _writer.Dispose();
        _writer = IndexWriter.Open(files, _options);
        foreach (var (id, document) in _journal)
        {
            if (document is null)
            {
                _writer.Delete(id);
            }
            else
            {
                _writer.Index(document.ToIndexDocument());
            }
        }

        Reopenings++;
        Publish();
        Check(new SoakSearcher(_seed));
    }

    private void Search(int seed, CancellationTokenSource failed)
    {
        try
        {
            for (var searcher = new SoakSearcher(seed); !failed.IsCancellationRequested;)
            {
                Check(searcher);
            }
        }
        catch
        {
            failed.Cancel();
            throw;
        }
    }

    private void Check(SoakSearcher searcher)
    {
        IndexReader reader;
        SoakOracle oracle;
        lock (_gate)
        {
            (reader, oracle) = _view;
            reader.TryAcquire();
        }

        using (reader)
        {
            searcher.Check(reader, oracle);
        }

        Interlocked.Increment(ref _searches);
    }
}
