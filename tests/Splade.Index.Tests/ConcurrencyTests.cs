using Splade.Tests;

namespace Splade.Index.Tests;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Readers_search_while_the_writer_writes_flushes_and_merges()
    {
        using var folder = new TemporaryFolder();
        using var writer = IndexWriter.Open([], new IndexWriterOptions { SegmentsPerTier = 2, SmallSegmentBytes = 0 });
        var oracle = new Oracle();
        var current = writer.Refresh();
        using var stop = new CancellationTokenSource();
        var gate = new Lock();
        var searches = 0;
        using var started = new CountdownEvent(3);
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            for (var round = 0; !stop.IsCancellationRequested; round++)
            {
                IndexReader reader;
                lock (gate)
                {
                    reader = current;
                    reader.TryAcquire().ShouldBeTrue();
                }

                using (reader)
                {
                    var top = reader.Search(new SparseVectorQuery("f", [new FeatureWeight("t1", 1f), new FeatureWeight("t2", 2f)]), 5);
                    top.Total.ShouldBeLessThanOrEqualTo(reader.DocumentCount);
                    foreach (var hit in top.Hits)
                    {
                        reader.Get(hit.Id).ShouldNotBeNull();
                        reader.Explain(new SparseVectorQuery("f", [new FeatureWeight("t1", 1f), new FeatureWeight("t2", 2f)]), hit.Id)!.Score.ShouldBe(hit.Score);
                    }

                    Interlocked.Increment(ref searches);
                    if (round == 0)
                    {
                        started.Signal();
                    }
                }
            }
        })).ToArray();

        started.Wait(TimeSpan.FromMinutes(1)).ShouldBeTrue();
        var random = new Random(5);
        for (var step = 0; step < 3000; step++)
        {
            var id = $"d{random.Next(500)}";
            var document = new IndexDocument(
                id, 1, step, new byte[] { 1, 2, 3 }, [new SparseField("f", [new FeatureWeight($"t{random.Next(4)}", random.Next(1, 9))])]);
            writer.Index(document);
            oracle.Index(document);
            if (step % 20 == 0)
            {
                var next = writer.Refresh();
                IndexReader old;
                lock (gate)
                {
                    (old, current) = (current, next);
                }

                old.Dispose();
            }

            if (step % 100 == 50 && writer.BeginFlush() is { } flush)
            {
                flush.Run(folder.Path);
                writer.Complete(flush);
            }

            if (step % 100 == 90 && writer.BeginMerge() is { } merge)
            {
                merge.Run(folder.Path);
                writer.Complete(merge);
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        searches.ShouldBeGreaterThan(0);
        using (var last = writer.Refresh())
        {
            var query = new SparseVectorQuery("f", [new FeatureWeight("t1", 1f), new FeatureWeight("t2", 2f)]);
            last.Search(query, 1000).Hits.ShouldBe(oracle.Search(query, 1000).Hits);
        }

        current.Dispose();
        Should.Throw<ObjectDisposedException>(() =>
        {
            var closed = IndexWriter.Open([]).Refresh();
            closed.Dispose();
            closed.Dispose();
            closed.Search(new MatchAllQuery(), 1);
        });
    }
}
