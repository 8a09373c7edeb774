using System.Collections.Immutable;
using Splade.Index.Search;
using Splade.Tests;

namespace Splade.Index.Tests;

/// <summary>Random histories of an index against brute force: whatever is buffered, flushed, merged or reopened, answers are equal bit for bit.</summary>
[Collection(SimdLevels.Name)]
public sealed class IndexPropertyTests
{
    private static readonly string[] Fields = ["body", "title.keyword", "пoле"];
    private static readonly float[] Extremes = [1e-6f, 1e6f, 1f, 0.5f, 255f];

    [Theory]
    [InlineData(nameof(SimdLevel.Vector512), 1)]
    [InlineData(nameof(SimdLevel.Vector512), 2)]
    [InlineData(nameof(SimdLevel.Vector512), 3)]
    [InlineData(nameof(SimdLevel.Vector256), 4)]
    [InlineData(nameof(SimdLevel.Scalar), 5)]
    public void Any_history_answers_like_brute_force(string level, int seed)
    {
        var before = Simd.Level;
        Simd.Level = Enum.Parse<SimdLevel>(level);
        try
        {
            for (var run = 0; run < 12; run++)
            {
                using var folder = new TemporaryFolder();
                RunHistory(new Random((seed * 1000) + run), folder.Path);
            }
        }
        finally
        {
            Simd.Level = before;
        }
    }

    [Fact]
    public void Any_partition_of_the_documents_ranks_alike()
    {
        var random = new Random(7);
        var documents = Enumerable.Range(0, 400).Select(i => RandomDocument(random, $"d{i % 331}", i)).ToArray();
        for (var parts = 1; parts <= 5; parts++)
        {
            var oracle = new Oracle();
            var writers = Enumerable.Range(0, parts).Select(_ => IndexWriter.Open([])).ToArray();
            foreach (var document in documents)
            {
                oracle.Index(document);
                writers[(int)((uint)StringComparer.Ordinal.GetHashCode(document.Id) % parts)].Index(document);
            }

            for (var i = 0; i < 20; i++)
            {
                var query = RandomQuery(random);
                var k = random.Next(1, 50);
                var hits = writers.SelectMany(w =>
                {
                    using var reader = w.Refresh();
                    return reader.Search(query, k).Hits;
                }).OrderByDescending(h => h.Score).ThenBy(h => h.Id, StringComparer.Ordinal).Take(k);
                hits.ShouldBe(oracle.Search(query, k).Hits);
            }

            Array.ForEach(writers, w => w.Dispose());
        }
    }

    [Fact]
    public void Ranges_beyond_the_first_are_scored()
    {
        using var writer = IndexWriter.Open([]);
        var oracle = new Oracle();
        var random = new Random(3);
        for (var i = 0; i < 70_000; i++)
        {
            var document = new IndexDocument(
                $"{i:x5}", 1, i, ReadOnlyMemory<byte>.Empty, [new SparseField("f", [new FeatureWeight($"t{random.Next(50)}", random.Next(1, 9))])]);
            writer.Index(document);
            oracle.Index(document);
        }

        for (var i = 0; i < 70_000; i += 97)
        {
            writer.Delete($"{i:x5}").ShouldBe(oracle.Delete($"{i:x5}"));
        }

        using var reader = writer.Refresh();
        for (var term = 0; term < 50; term += 7)
        {
            var query = new SparseVectorQuery("f", [new FeatureWeight($"t{term}", 2f), new FeatureWeight($"t{term + 1}", 1f)]);
            var expected = oracle.Search(query, 1000);
            var actual = reader.Search(query, 1000);
            actual.Total.ShouldBe(expected.Total);
            actual.Hits.ShouldBe(expected.Hits);
        }
    }

    private static void RunHistory(Random random, string folder)
    {
        var options = new IndexWriterOptions { SegmentsPerTier = random.Next(2, 5), MaxMemorySegments = random.Next(1, 4), SmallSegmentBytes = 0 };
        var writer = IndexWriter.Open([], options);
        var oracle = new Oracle();
        var vocabulary = random.Next(1, 120);
        ImmutableArray<SegmentFiles> files = [];
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(12))
            {
                case 0:
                    writer.Refresh().Dispose();
                    break;
                case 1 when writer.BeginFlush() is { } flush:
                    Write(random, writer, oracle, vocabulary);
                    flush.Run(folder);
                    Write(random, writer, oracle, vocabulary);
                    files = writer.Complete(flush);
                    break;
                case 2 when writer.BeginMerge() is { } merge:
                    Write(random, writer, oracle, vocabulary);
                    merge.Run(folder);
                    Write(random, writer, oracle, vocabulary);
                    files = writer.Complete(merge);
                    break;
                case 3 when random.Next(4) == 0:
                    if (writer.BeginFlush() is { } last)
                    {
                        last.Run(folder);
                        files = writer.Complete(last);
                    }

                    writer.Dispose();
                    writer = IndexWriter.Open(files, options);
                    break;
                case 4 when writer.BeginFlush() is { } failed:
                    writer.Abandon(failed);
                    break;
                default:
                    Write(random, writer, oracle, vocabulary);
                    break;
            }

            if (step % 6 == 0)
            {
                Compare(random, writer, oracle);
            }
        }

        Compare(random, writer, oracle);
        writer.Dispose();
    }

    private static void Write(Random random, IndexWriter writer, Oracle oracle, int ids)
    {
        for (var i = random.Next(8); i >= 0; i--)
        {
            var id = $"id{random.Next(ids)}{(random.Next(9) == 0 ? "é\U0001F600" : "")}";
            if (random.Next(4) == 0)
            {
                writer.Delete(id).ShouldBe(oracle.Delete(id));
            }
            else
            {
                var document = RandomDocument(random, id, random.Next());
                writer.Index(document);
                oracle.Index(document);
            }
        }
    }

    private static void Compare(Random random, IndexWriter writer, Oracle oracle)
    {
        foreach (var id in oracle.Ids.Take(10).Append("absent"))
        {
            var expected = oracle.Get(id);
            writer.Find(id).ShouldBe(expected is null ? null : (expected.Version, expected.SeqNo));
            writer.Get(id)?.Source.ToArray().ShouldBe(expected!.Source.ToArray());
        }

        using var reader = writer.Refresh();
        reader.DocumentCount.ShouldBe(oracle.Count);
        for (var i = 0; i < 6; i++)
        {
            Query query = i == 0 ? new MatchAllQuery(2f) : RandomQuery(random);
            var k = random.Next(4) switch { 0 => 0, 1 => 1, 2 => 1000, _ => random.Next(1, 30) };
            var expected = oracle.Search(query, k);
            var actual = reader.Search(query, k);
            actual.Total.ShouldBe(expected.Total);
            actual.Hits.ShouldBe(expected.Hits);
            foreach (var hit in actual.Hits.Take(3))
            {
                var explanation = reader.Explain(query, hit.Id)!;
                explanation.Matched.ShouldBeTrue();
                explanation.Score.ShouldBe(hit.Score);
                reader.Get(hit.Id)!.Source.ToArray().ShouldBe(oracle.Get(hit.Id)!.Source.ToArray());
            }
        }
    }

    private static IndexDocument RandomDocument(Random random, string id, long seqNo)
    {
        var source = new byte[random.Next(3) == 0 ? 0 : random.Next(2000)];
        random.NextBytes(source);
        return new IndexDocument(
            id, random.Next(1, 9), seqNo, source,
            [.. Fields.Where(_ => random.Next(3) > 0).Select(f => new SparseField(f, RandomFeatures(random, random.Next(12))))]);
    }

    private static SparseVectorQuery RandomQuery(Random random) =>
        new(random.Next(10) == 0 ? "unmapped" : Fields[random.Next(Fields.Length)], RandomFeatures(random, random.Next(1, 9)), random.Next(1, 4));

    private static ImmutableArray<FeatureWeight> RandomFeatures(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new FeatureWeight(
            $"t{random.Next(25)}", random.Next(5) == 0 ? Extremes[random.Next(Extremes.Length)] : random.Next(1, 6)))];
}
