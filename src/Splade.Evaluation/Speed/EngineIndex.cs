using System.Diagnostics;
using Splade.Index;

namespace Splade.Evaluation.Speed;

/// <summary>An index of the engine, built for a benchmark: one merged segment, in files.</summary>
internal sealed class EngineIndex : IDisposable
{
    public const string Field = "v";

    /// <summary>Postings of one flush.</summary>
    private const long FlushPostings = 16_000_000;

    private readonly string _folder;
    private readonly IndexWriter _writer;
    private IndexReader? _reader;
    private (FlushJob Job, Task Running)? _flush;

    private EngineIndex(string folder, IndexWriterOptions options)
    {
        _folder = folder;
        _writer = IndexWriter.Open([], options);
    }

    public IndexReader Reader => _reader ?? throw new InvalidOperationException("The index is not built.");

    public double BuildSeconds { get; private set; }

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Directory.EnumerateFiles(_folder).Sum(f => new FileInfo(f).Length);

    public static EngineIndex Build(BenchmarkCollection collection, string workFolder, Action<BenchmarkProgress> progress, CancellationToken cancellationToken)
    {
        var options = new IndexWriterOptions { SmallestImpactExponent = collection.Quantisation.IsExact ? 0 : new IndexWriterOptions().SmallestImpactExponent };
        var folder = Path.Combine(workFolder, "splade-bench-" + Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        var index = new EngineIndex(folder, options);
        try
        {
            index.Fill(collection, progress, cancellationToken);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the files that are in memory; 0 where the system doesn't tell.</summary>
    public long ResidentBytes() => ResidentMemory.OfFilesIn(_folder);

    /// <summary>Milliseconds until the files can be searched.</summary>
    public double MeasureOpening(bool verifyChecksums)
    {
        var clock = Stopwatch.StartNew();
        using var writer = IndexWriter.Open(_writer.Published(), new IndexWriterOptions { VerifyChecksums = verifyChecksums });
        writer.Refresh().Dispose();
        return clock.Elapsed.TotalMilliseconds;
    }

    public void Dispose()
    {
        if (_flush is var (job, running))
        {
            // It writes into the folder that goes. Its failure is the one that led here.
            ((IAsyncResult)running).AsyncWaitHandle.WaitOne();
            _writer.Abandon(job);
        }

        _reader?.Dispose();
        _writer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Fill(BenchmarkCollection collection, Action<BenchmarkProgress> progress, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var number = 0;
        var postings = 0L;
        foreach (var (row, _) in collection.Rows())
        {
            _writer.Index(collection.ToDocument(row, number++));
            postings += row.Terms.Length;
            if (postings >= FlushPostings)
            {
                CompleteFlush();
                BeginFlush(cancellationToken);
                postings = 0;
            }

            if (number % 4096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(new BenchmarkProgress("indexing", number, collection.DocumentCount));
            }
        }

        CompleteFlush();
        BeginFlush(cancellationToken);
        CompleteFlush();
        progress(new BenchmarkProgress("merging", 0, 0));
        if (_writer.ForceMerge() is { } merge)
        {
            merge.Run(_folder, cancellationToken);
            var kept = _writer.Complete(merge).Select(f => f.SegmentPath).ToHashSet();
            foreach (var file in Directory.EnumerateFiles(_folder).Where(f => !kept.Contains(f)))
            {
                File.Delete(file);
            }
        }

        BuildSeconds = clock.Elapsed.TotalSeconds;
        _reader = _writer.Refresh();
    }

    /// <summary>Starts a flush, beside which reading goes on.</summary>
    private void BeginFlush(CancellationToken cancellationToken)
    {
        if (_writer.BeginFlush() is { } job)
        {
            _flush = (job, Task.Run(() => job.Run(_folder, cancellationToken), CancellationToken.None));
        }
    }

    private void CompleteFlush()
    {
        if (_flush is var (job, running))
        {
            running.GetAwaiter().GetResult();
            _writer.Complete(job);
            _flush = null;
        }
    }
}
