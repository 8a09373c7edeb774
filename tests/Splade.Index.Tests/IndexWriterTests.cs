using System.Collections.Immutable;
using System.Text.Json;
using Splade.Index.Merging;
using Splade.Tests;

namespace Splade.Index.Tests;

public sealed class IndexWriterTests
{
    private static readonly SparseVectorQuery Everything = new("f", [new FeatureWeight("t", 1f)]);

    [Fact]
    public void Completing_a_job_that_has_not_run_is_refused_and_loses_nothing()
    {
        using var folder = new TemporaryFolder();
        using var writer = IndexWriter.Open([]);
        writer.Index(Document("a"));
        var job = writer.BeginFlush()!;
        Should.Throw<InvalidOperationException>(() => writer.Complete(job));
        Should.Throw<OperationCanceledException>(() => job.Run(folder.Path, new CancellationToken(canceled: true)));
        Should.Throw<InvalidOperationException>(() => writer.Complete(job));
        writer.Abandon(job);
        writer.UnflushedOperations.ShouldBe(1);
        Directory.GetFiles(folder.Path).ShouldBeEmpty();
        using (var reader = writer.Refresh())
        {
            reader.Count(Everything).ShouldBe(1);
        }

        Flush(writer, folder.Path).ShouldHaveSingleItem();
        writer.UnflushedOperations.ShouldBe(0);
        writer.MemoryBytes.ShouldBe(0);
    }

    [Fact]
    public void A_writer_opened_after_a_crash_never_names_a_segment_as_the_lost_one()
    {
        using var folder = new TemporaryFolder();
        var paths = Enumerable.Range(0, 4).Select(i =>
        {
            using var writer = IndexWriter.Open([]);
            writer.Index(Document($"d{i}"));
            return Flush(writer, folder.Path).ShouldHaveSingleItem().SegmentPath;
        }).ToArray();
        paths.Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public void Segment_ids_sort_by_age_across_openings()
    {
        using var folder = new TemporaryFolder();
        ImmutableArray<SegmentFiles> files = [];
        for (var i = 0; i < 20; i++)
        {
            using var writer = IndexWriter.Open(files);
            writer.Index(Document($"d{i}"));
            files = Flush(writer, folder.Path);
        }

        files.Select(f => f.SegmentId).ShouldBe(files.Select(f => f.SegmentId).Order(StringComparer.Ordinal));
        files.Length.ShouldBe(20);
    }

    [Fact]
    public void A_mapped_segment_is_read_on_after_its_file_has_been_renamed_or_deleted()
    {
        using var folder = new TemporaryFolder();
        using var writer = IndexWriter.Open([]);
        writer.Index(Document("a"));
        var files = Flush(writer, folder.Path).ShouldHaveSingleItem();
        File.Move(files.SegmentPath, files.SegmentPath + ".moved");
        using var reader = writer.Refresh();
        reader.Count(Everything).ShouldBe(1);
        File.Delete(files.SegmentPath + ".moved");
        reader.Get("a").ShouldNotBeNull();
        writer.Delete("a").ShouldBeTrue();
        writer.Get("a").ShouldBeNull();
        reader.Get("a").ShouldNotBeNull();
    }

    [Fact]
    public void Many_refreshes_keep_few_memory_segments_and_every_document()
    {
        using var writer = IndexWriter.Open([], new IndexWriterOptions { MaxMemorySegments = 3, SmallSegmentBytes = 0 });
        for (var i = 0; i < 400; i++)
        {
            writer.Index(Document($"d{i:d4}"));
            writer.Refresh().Dispose();
            writer.MemorySegments.ShouldBeLessThan(20);
        }

        using var reader = writer.Refresh();
        reader.Search(Everything, 1000).Hits.Select(h => h.Id).ShouldBe(Enumerable.Range(0, 400).Select(i => $"d{i:d4}"));
    }

    [Fact]
    public void A_closed_writer_and_reader_say_so()
    {
        var writer = IndexWriter.Open([]);
        writer.Index(Document("a"));
        var reader = writer.Refresh();
        writer.Dispose();
        reader.Count(Everything).ShouldBe(1);
        reader.Dispose();
        reader.TryAcquire().ShouldBeFalse();
        Should.Throw<ObjectDisposedException>(() => reader.Search(Everything, 1));
        Should.Throw<ObjectDisposedException>(() => reader.Get("a"));
        Should.Throw<ObjectDisposedException>(() => writer.Index(Document("a")));
        Should.Throw<ObjectDisposedException>(() => writer.Refresh());
        Should.Throw<ObjectDisposedException>(() => writer.BeginFlush());
    }

    [Fact]
    public void Bad_documents_are_refused_with_what_is_wrong()
    {
        using var writer = IndexWriter.Open([]);
        foreach (var weight in new[] { 0f, -1f, float.NaN, float.PositiveInfinity })
        {
            Should.Throw<ArgumentException>(() => writer.Index(Document("a", weight))).Message.ShouldContain("[t]");
        }

        Should.Throw<ArgumentException>(() => writer.Index(Document("")));
        Should.Throw<ArgumentException>(() => writer.Index(Document("\uD800")));
        Should.Throw<ArgumentException>(() => writer.Index(Document(new string('é', 257)))).Message.ShouldContain("512");
        writer.Index(Document(new string('é', 256)));
        writer.UnflushedOperations.ShouldBe(1);
    }

    public static TheoryData<ImmutableArray<SparseField>, string> FaultyFields => new()
    {
        { default, "fields" },
        { [new SparseField("f", [new("a", 1f)]), new SparseField("g", []), new SparseField("f", [new("a", 200f)])], "[f] is there twice" },
        { [new SparseField("f", default)], "[f]" },
        { [new SparseField("", [])], "no name" },
        { [new SparseField(null!, [])], "no name" },
        { [null!], "no name" },
        { [new SparseField("f\uDC00", [])], "surrogate" },
        { [new SparseField("f", [new("a\uD800", 1f)])], "surrogate" },
        { [new SparseField("f", [new("\uDC00\uD800", 1f)])], "surrogate" },
        { [new SparseField("f", [new(null!, 1f)])], "null" },
        { [new SparseField("f", [default])], "null" },
        { [new SparseField("p", [new("a", 2f), new("b", 1f)]), new SparseField("p#rest", [new("a", 1f)])], "field [p#rest], whose name is that of what pruning leaves out" },
    };

    [Theory]
    [MemberData(nameof(FaultyFields))]
    public void Documents_with_faulty_fields_leave_no_trace(ImmutableArray<SparseField> fields, string problem)
    {
        var options = new IndexWriterOptions { Pruning = ImmutableDictionary<string, StaticPruning>.Empty.Add("p", new StaticPruning { MaxFeatures = 1, KeepRest = true }) };
        using var writer = IndexWriter.Open([], options);
        Should.Throw<ArgumentException>(() => writer.Index(Document("a") with { Fields = fields })).Message.ShouldContain(problem);
        writer.UnflushedOperations.ShouldBe(0);
        writer.Get("a").ShouldBeNull();
    }

    [Fact]
    public void What_is_null_is_named()
    {
        Should.Throw<ArgumentNullException>(() => IndexWriter.Open([null!])).ParamName.ShouldBe("segments");
        Should.Throw<ArgumentNullException>(() => IndexWriter.Open([], new IndexWriterOptions { Pruning = null! })).ParamName.ShouldBe("Pruning");
        var pruning = ImmutableDictionary<string, StaticPruning>.Empty.Add("p", null!);
        Should.Throw<ArgumentNullException>(() => IndexWriter.Open([], new IndexWriterOptions { Pruning = pruning })).ParamName.ShouldBe("Pruning[p]");
        using var writer = IndexWriter.Open([]);
        using var reader = writer.Refresh();
        Should.Throw<ArgumentException>(() => reader.Search(new SumQuery([null!]), 1)).Message.ShouldContain("A clause of the query is null");
        Should.Throw<ArgumentException>(() => reader.Search(new SparseVectorQuery(null!, []), 1)).Message.ShouldContain("names no field");
    }

    [Fact]
    public void Files_are_named_by_full_paths()
    {
        using var folder = new TemporaryFolder();
        using var writer = IndexWriter.Open([]);
        writer.Index(Document("a"));
        var flush = writer.BeginFlush()!;
        flush.Run(Path.GetRelativePath(Environment.CurrentDirectory, folder.Path)).ShouldAllBe(p => Path.IsPathFullyQualified(p));
        writer.Complete(flush).ShouldAllBe(f => Path.IsPathFullyQualified(f.SegmentPath));
    }

    /// <summary>As the engine's README does it.</summary>
    [Fact]
    public void An_index_is_reopened_from_the_list_of_its_segments()
    {
        using var folder = new TemporaryFolder();
        string list;
        using (var writer = IndexWriter.Open([], new IndexWriterOptions { SegmentsPerTier = 2 }))
        {
            for (var i = 0; i < 5; i++)
            {
                writer.Index(Document($"d{i}"));
                if (writer.BeginFlush() is { } flush)
                {
                    flush.Run(folder.Path);
                    writer.Complete(flush);
                }
            }

            writer.Published().Length.ShouldBe(5);
            while (writer.BeginMerge() is { } merge)
            {
                merge.Run(folder.Path);
                writer.Complete(merge);
            }

            writer.Published().Length.ShouldBeLessThan(3);
            list = JsonSerializer.Serialize(writer.Published());
        }

        using var reopened = IndexWriter.Open(JsonSerializer.Deserialize<SegmentFiles[]>(list)!);
        using var reader = reopened.Refresh();
        reader.Search(Everything, 10).Hits.Select(h => h.Id).ShouldBe(["d0", "d1", "d2", "d3", "d4"]);
    }

    [Fact]
    public void Features_may_be_any_text()
    {
        string[] features = ["", "\0", ".", "\U0001F600", "a\U0001F600\uFFFD", "\uFFFD", "\r\n", new string('x', 100_000)];
        using var folder = new TemporaryFolder();
        using var writer = IndexWriter.Open([]);
        for (var i = 0; i < features.Length; i++)
        {
            writer.Index(Document($"d{i}") with { Fields = [new SparseField("f", [new(features[i], 1f)])] });
        }

        var flush = writer.BeginFlush()!;
        flush.Run(folder.Path);
        writer.Complete(flush);
        using var reader = writer.Refresh();
        for (var i = 0; i < features.Length; i++)
        {
            reader.Search(new SparseVectorQuery("f", [new(features[i], 1f)]), 10).Hits.Select(h => h.Id).ShouldBe([$"d{i}"]);
        }
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Bad_queries_are_refused(float weight)
    {
        using var writer = IndexWriter.Open([]);
        writer.Index(Document("a"));
        using var reader = writer.Refresh();
        Should.Throw<ArgumentException>(() => reader.Search(new SparseVectorQuery("f", [new FeatureWeight("t", weight)]), 1));
        Should.Throw<ArgumentException>(() => reader.Search(new MatchAllQuery(weight), 1));
        Should.Throw<ArgumentException>(() => reader.Search(Everything with { Boost = weight }, 1));
        Should.Throw<ArgumentException>(() => reader.Search(Everything with { Features = default }, 1)).Message.ShouldContain("not set");
        Should.Throw<ArgumentException>(() => reader.Search(Everything with { Features = [default] }, 1)).Message.ShouldContain("null");
        Should.Throw<ArgumentException>(() => reader.Search(new SumQuery(default), 1)).Message.ShouldContain("not set");
        reader.Search(new MatchNoneQuery(), 1).Total.ShouldBe(0);
    }

    [Fact]
    public void A_tier_of_segments_too_large_to_merge_does_not_keep_wasteful_ones()
    {
        var policy = new TieredMergePolicy(new IndexWriterOptions { SegmentsPerTier = 2, MaxMergedBytes = 1 << 20, SmallSegmentBytes = 1000 });
        SegmentSize[] large = [.. Enumerable.Repeat(new SegmentSize(100, 0, 900_000), 4)];
        policy.Choose(large).ShouldBeEmpty();
        policy.Choose([.. large, new SegmentSize(50, 50, 900_000)]).ShouldBe([4]);
        policy.Choose([.. large, new SegmentSize(1, 0, 1000), new SegmentSize(1, 0, 1000)]).ShouldBe([4, 5]);
    }

    [Fact]
    public void Pruned_vectors_keep_their_strongest_features_and_the_rest_stays_searchable_where_asked()
    {
        var pruning = ImmutableDictionary<string, StaticPruning>.Empty
            .Add("f", new StaticPruning { MaxFeatures = 2, MinShareOfLargest = 0.5f, KeepRest = true })
            .Add("g", new StaticPruning { MinShareOfLargest = 1f });
        using var writer = IndexWriter.Open([], new IndexWriterOptions { Pruning = pruning });
        ImmutableArray<FeatureWeight> vector = [new("a", 1f), new("b", 8f), new("c", 4f), new("d", 6f)];
        writer.Index(new IndexDocument("x", 1, 0, Array.Empty<byte>(), [new SparseField("f", vector), new SparseField("g", vector), new SparseField("h", vector)]));
        using var reader = writer.Refresh();
        ImmutableArray<FeatureWeight> all = [.. vector.Select(v => v with { Weight = 1f })];
        Score("f").ShouldBe(14);
        Score(StaticPruning.RestField("f")).ShouldBe(5);
        Score("g").ShouldBe(8);
        Score("h").ShouldBe(19);
        var both = new SumQuery([new SparseVectorQuery("f", all), new SparseVectorQuery(StaticPruning.RestField("f"), all)]);
        reader.Search(both, 1).Hits.ShouldHaveSingleItem().Score.ShouldBe(19);
        Should.Throw<ArgumentException>(() => IndexWriter.Open([], new IndexWriterOptions { Pruning = pruning.Add("i", new StaticPruning { MaxFeatures = 0 }) }));

        double Score(string field) => reader.Search(new SparseVectorQuery(field, all), 1).Hits.ShouldHaveSingleItem().Score;
    }

    [Fact]
    public void A_rate_limit_pauses_as_long_as_the_bytes_should_have_taken()
    {
        using var output = new MemoryStream();
        var paused = TimeSpan.Zero;
        using var stream = new RateLimitedStream(output, 1000, new StoppedClock(), duration => paused = duration);
        stream.Write(new byte[5]);
        paused.ShouldBe(TimeSpan.Zero);
        stream.Write(new byte[1995]);
        paused.ShouldBe(TimeSpan.FromSeconds(2));
        output.Length.ShouldBe(2000);
        RateLimitedStream.Over(output, null, CancellationToken.None).ShouldBeSameAs(output);
        Should.Throw<OperationCanceledException>(() => RateLimitedStream.Over(output, 1, new CancellationToken(canceled: true)).Write(new byte[100], 0, 100));
        Should.Throw<ArgumentException>(() => IndexWriter.Open([], new IndexWriterOptions { MergeBytesPerSecond = 0 }));
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }

    private static IndexDocument Document(string id, float weight = 1f) =>
        new(id, 1, 0, new byte[] { 123, 125 }, [new SparseField("f", [new FeatureWeight("t", weight)])]);

    private static ImmutableArray<SegmentFiles> Flush(IndexWriter writer, string folder)
    {
        var job = writer.BeginFlush()!;
        job.Run(folder);
        return writer.Complete(job);
    }
}
