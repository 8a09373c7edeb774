using System.Collections.Immutable;
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

    private readonly bool _keep;
    private ImmutableArray<SegmentFiles> _segments = [];

    private EngineIndex(string folder, bool keep, IReadOnlyList<SegmentFiles> segments, IndexWriterOptions options)
    {
        _folder = folder;
        _keep = keep;
        _writer = IndexWriter.Open(segments, options);
    }

    public IndexReader Reader => _reader ?? throw new InvalidOperationException("The index is not built.");

    public double BuildSeconds { get; private set; }

    /// <summary>Bytes of all segments.</summary>
    public long Bytes => _writer.Published().Sum(s => new FileInfo(s.SegmentPath).Length);

    /// <summary>Builds the index, or opens the one that is kept.</summary>
    /// <exception cref="InvalidDataException">The one that is kept is of other documents.</exception>
    public static EngineIndex Of(BenchmarkCollection collection, BenchmarkOptions options, Action<BenchmarkProgress> progress, CancellationToken cancellationToken)
    {
        var writing = collection.Quantisation.IsExact ? new IndexWriterOptions { SmallestImpactExponent = 0 } : new IndexWriterOptions();
        var keep = options.IndexFolder is not null;
        var folder = Path.GetFullPath(options.IndexFolder ?? Path.Combine(options.WorkFolder, "splade-bench-" + Path.GetRandomFileName()));
        if (keep && KeptIndex.Read(folder) is { } kept)
        {
            kept.Check(collection, folder);
            var opened = new EngineIndex(folder, keep, kept.SegmentsIn(folder), writing) { BuildSeconds = kept.BuildSeconds };
            opened._reader = opened._writer.Refresh();
            return opened;
        }

        Directory.CreateDirectory(folder);
        var index = new EngineIndex(folder, keep, [], writing);
        try
        {
            index.Fill(collection, progress, cancellationToken);
            if (keep)
            {
                KeptIndex.Of(collection, index.BuildSeconds, index._segments).Write(folder);
            }

            return index;
        }
        catch
        {
            // Nobody would open what is not whole.
            index.Dispose();
            if (keep)
            {
                Directory.Delete(folder, recursive: true);
            }

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
        if (!_keep)
        {
            Directory.Delete(_folder, recursive: true);
        }
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
            _segments = _writer.Complete(merge);
            foreach (var file in Directory.EnumerateFiles(_folder).Except(_segments.Select(s => s.SegmentPath)))
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
            _segments = _writer.Complete(job);
            _flush = null;
        }
    }
}
