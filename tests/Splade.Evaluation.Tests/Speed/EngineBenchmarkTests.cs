using System.Text.Json;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Csr;
using Splade.Evaluation.Speed;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Speed;

public sealed class EngineBenchmarkTests
{
    [Fact]
    public void Exact_mode_ranks_integer_weights_as_brute_force_does_bit_by_bit()
    {
        using var folder = new TemporaryFolder();
        var documents = Write(folder, "docs.csr", rows: 3000, terms: 60, perRow: 12, largest: 255, seed: 1);
        var queries = Write(folder, "queries.csr", rows: 25, terms: 70, perRow: 8, largest: 65_535, seed: 2);
        var run = Path.Combine(folder.Path, "run.txt");
        var options = new BenchmarkOptions { Ks = [100, 5], Passes = 1, RunFile = run, WorkFolder = Path.Combine(folder.Path, "new", "work"), Threads = 2 };
        options.CheckPaths(documents, queries);
        Directory.GetDirectories(folder.Path).ShouldBeEmpty();
        var report = EngineBenchmark.Run(VectorFiles.Open(documents), VectorFiles.Open(queries), options);

        report.Documents.ShouldBe(3000);
        report.Postings.ShouldBe(VectorFiles.Open(documents).Rows().Sum(r => r.Terms.Length));
        report.Terms.ShouldBe(VectorFiles.Open(documents).Rows().SelectMany(r => r.Terms).Distinct().Count());
        report.IndexBytes.ShouldBeGreaterThan(report.Postings);
        report.Results.Select(r => (r.Mode, r.K)).Distinct().ShouldBe([("exact", 5), ("yardstick", 5), ("approximate", 5), ("exact", 100), ("yardstick", 100), ("approximate", 100)]);
        report.Results.Where(r => r.Mode == "exact").ShouldAllBe(r => r.Recall == 1);
        report.Results.ShouldAllBe(r => r.MeanMicros > 0 && r.P99Micros >= r.P50Micros && r.Recall > 0.5);
        Directory.GetDirectories(folder.Path).ShouldBeEmpty();

        var ranking = TrecFiles.ReadRun(run);
        ranking.Count.ShouldBeGreaterThan(20);
        var rows = VectorFiles.Open(documents).Rows().ToArray();
        foreach (var (query, row) in VectorFiles.Open(queries).Rows().Select((r, i) => (r, i)))
        {
            var weights = query.Terms.Select((t, i) => (t, query.Weights[i])).ToDictionary();
            var expected = rows
                .Select((d, i) => (Row: i, Score: d.Terms.Select((t, j) => (long)weights.GetValueOrDefault(t) * (long)d.Weights[j]).Sum()))
                .Where(s => s.Score > 0).OrderByDescending(s => s.Score).ThenBy(s => s.Row).Take(100).ToArray();
            var found = ranking.GetValueOrDefault($"{row}") ?? [];
            found.Select(r => r.Id).ShouldBe(expected.Select(e => $"{e.Row}"));
            found.Select(r => (float)r.Score).ShouldBe(expected.Select(e => (float)e.Score));
        }
    }

    /// <summary>Such as those of normalised vectors, or of models with another scale.</summary>
    [Theory]
    [InlineData(0.01f)]
    [InlineData(1e-6f)]
    [InlineData(1e-30f)]
    [InlineData(1e30f)]
    public void Weights_of_any_scale_are_ranked_alike(float scale)
    {
        using var folder = new TemporaryFolder();
        var documents = Scaled(Write(folder, "a.csr", rows: 2000, terms: 60, perRow: 12, largest: 10_000, seed: 3), scale);
        var queries = Write(folder, "queries.csr", rows: 25, terms: 60, perRow: 8, largest: 100, seed: 4);
        var report = EngineBenchmark.Run(VectorFiles.Open(documents), VectorFiles.Open(queries), new BenchmarkOptions { Ks = [100], Passes = 1, WorkFolder = folder.Path });
        report.Results.Single(r => r.Mode == "exact").Recall.ShouldBeGreaterThan(0.97);

        static string Scaled(string path, float scale)
        {
            using var writer = new CsrWriter(path + ".scaled.csr");
            foreach (var row in VectorFiles.Open(path).Rows())
            {
                writer.Add(row.Terms, Array.ConvertAll(row.Weights, w => w / 10_000 * scale));
            }

            writer.Complete();
            return path + ".scaled.csr";
        }
    }

    [Fact]
    public void The_json_is_the_contract()
    {
        var report = new BenchmarkReport(1, 2, 3, 4.5, 5, 6.5, 7, [new BenchmarkResult("exact", "", 10, 1.5, 2, 3, 1, 4, 5, 6)]);
        report.ToJson().ShouldBe(
            """{"documents":1,"terms":2,"postings":3,"buildSeconds":4.5,"indexBytes":5,"bytesPerPosting":6.5,"residentBytes":7,"results":[{"mode":"exact","setting":"","k":10,"meanMicros":1.5,"p50Micros":2,"p99Micros":3,"recall":1,"postings":4,"blocks":5,"allocatedBytes":6}]}""");
        JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("results").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public void Documents_and_queries_meet_by_name()
    {
        using var folder = new TemporaryFolder();
        var documents = Path.Combine(folder.Path, "docs.jsonl");
        File.WriteAllLines(documents, ["""{"id":"x","vector":{"7":2,"a":0}}""", """{"id":"y","vector":{"8":1.5}}""", """{"id":"z","vector":{}}"""]);
        var queries = Path.Combine(folder.Path, "queries.csr");
        using (var writer = new CsrWriter(queries))
        {
            writer.Add([7, 8, 9], [1, 2, 3]);
            writer.Complete();
        }

        var run = Path.Combine(folder.Path, "run.txt");
        var report = EngineBenchmark.Run(VectorFiles.Open(documents), VectorFiles.Open(queries), new BenchmarkOptions { Ks = [10], Passes = 1, RunFile = run, WorkFolder = folder.Path });
        (report.Documents, report.Terms, report.Postings).ShouldBe((3, 2, 2));
        TrecFiles.ReadRun(run)["0"].Select(r => (r.Id, r.Score)).ShouldBe([("1", 3.0), ("0", 2.0)]);
    }

    [Fact]
    public void Negative_weights_and_empty_query_files_are_refused()
    {
        using var folder = new TemporaryFolder();
        var good = Write(folder, "good.csr", 3, 5, 2, 9, 1);
        var bad = Path.Combine(folder.Path, "bad.csr");
        using (var writer = new CsrWriter(bad))
        {
            writer.Add([1], [-1f]);
            writer.Complete();
        }

        var empty = Write(folder, "empty.csr", 0, 5, 2, 9, 1);
        var options = new BenchmarkOptions { Ks = [10], Passes = 1, WorkFolder = folder.Path };
        Should.Throw<FormatException>(() => EngineBenchmark.Run(VectorFiles.Open(bad), VectorFiles.Open(good), options)).Message.ShouldContain("negative");
        Should.Throw<FormatException>(() => EngineBenchmark.Run(VectorFiles.Open(good), VectorFiles.Open(bad), options)).Message.ShouldContain("negative");
        Should.Throw<FormatException>(() => EngineBenchmark.Run(VectorFiles.Open(good), VectorFiles.Open(empty), options)).Message.ShouldContain("no queries");
        EngineBenchmark.Run(VectorFiles.Open(empty), VectorFiles.Open(good), options).Documents.ShouldBe(0);
        Directory.GetDirectories(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_kept_index_that_is_not_finished_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var documents = Write(folder, "docs.csr", 5000, 5, 2, 9, 1);
        var options = new BenchmarkOptions { Ks = [10], Passes = 1, IndexFolder = Path.Combine(folder.Path, "index") };
        Should.Throw<OperationCanceledException>(() => EngineBenchmark.Run(VectorFiles.Open(documents), VectorFiles.Open(documents), options, Stop, stop.Token));
        Directory.Exists(options.IndexFolder).ShouldBeFalse();
        EngineBenchmark.Run(VectorFiles.Open(documents), VectorFiles.Open(documents), options).IndexBytes.ShouldBe(Directory.EnumerateFiles(options.IndexFolder, "*.seg").Sum(f => new FileInfo(f).Length));

        void Stop(BenchmarkProgress progress)
        {
            if (progress is { Stage: "indexing", Done: > 0 })
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void Resident_memory_is_that_of_the_folders_mappings()
    {
        string[] lines =
        [
            "7f00-7f10 r--s 00000000 fd:01 123   /data/index/a.seg", "Size:  64 kB", "Rss:                 12 kB", "Pss: 1 kB",
            "7f20-7f30 r--s 00000000 fd:01 123   /data/index2/a.seg", "Rss:                 100 kB",
            "7f40-7f50 rw-p 00000000 00:00 0 ", "Rss:                 1000 kB",
            "7f60-7f70 r--s 00000000 fd:01 123   /data/index/b.seg", "Rss:                 3 kB",
        ];
        ResidentMemory.Sum(lines, "/data/index").ShouldBe(15 * 1024);
    }

    private static string Write(TemporaryFolder folder, string name, int rows, int terms, int perRow, int largest, int seed)
    {
        var path = Path.Combine(folder.Path, name);
        var random = new Random(seed);
        using var writer = new CsrWriter(path);
        for (var row = 0; row < rows; row++)
        {
            var columns = Enumerable.Range(0, terms).OrderBy(_ => random.Next()).Take(random.Next(perRow + 1)).ToArray();
            writer.Add(columns, [.. columns.Select(_ => (float)random.Next(1, largest + 1))]);
        }

        writer.Complete(terms);
        return path;
    }
}
