using Splade.Index.Search;
using Splade.Index.Segments;
using Splade.Tests;

namespace Splade.Index.Tests;

/// <summary>Searches of segments that are large enough for bounds, against brute force: equal bit for bit on every path.</summary>
[Collection(SimdLevels.Name)]
public sealed class SearchPropertyTests
{
    private static readonly SearchOptions Pruned = new() { CountLimit = 0 };
    private static readonly int[] Ks = [1, 10, 100, 1000, 20_000];

    /// <summary>The scale of all documents whose weights fit.</summary>
    private static readonly IndexWriterOptions OneScale = new() { SmallestImpactExponent = -6 };

    public static TheoryData<int, int, bool, bool, int> Corpora => new()
    {
        { 1, -6, false, false, 200 },
        { 2, -6, false, true, 200 },
        { 3, -6, true, false, 200 },
        { 4, -6, true, true, 3 },
        { 5, -6, false, false, 1 },
        { 6, -126, false, true, 200 },
    };

    [Theory]
    [MemberData(nameof(Corpora))]
    public void Pruned_and_exhaustive_searches_rank_like_brute_force(int seed, int smallestExponent, bool scales, bool parts, int weights)
    {
        using var folder = new TemporaryFolder();
        var options = new IndexWriterOptions { SmallestImpactExponent = smallestExponent };
        var corpus = new RandomCorpus(seed) { Scales = scales, Weights = weights, Fields = ["f", "g"] };
        using var writer = IndexWriter.Open([], options);
        var oracle = new SearchOracle(options.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, 9000, folder.Path);
        if (parts)
        {
            Fill(writer, oracle, corpus, 9000, 12_000, folder.Path);
            Fill(writer, oracle, corpus, 11_000, 20_000, folder.Path);
            Merge(writer, folder.Path);
            for (var i = 0; i < 20_000; i += 7)
            {
                writer.Delete($"d{i:d6}").ShouldBeTrue();
                oracle.Delete($"d{i:d6}");
            }
        }

        using var reader = writer.Refresh();
        SimdLevels.ForEach(() =>
        {
            for (var i = 0; i < 12; i++)
            {
                Query query = i % 4 == 3
                    ? new SumQuery([corpus.Query("f", 6), corpus.Query("g", 9)], 2f)
                    : corpus.Query(i % 4 == 2 ? "g" : "f", i == 0 ? 1 : 3 * i);
                var expected = oracle.Search(query);
                foreach (var k in Ks)
                {
                    reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
                    reader.Search(query, k, Pruned with { Exhaustive = true }).Hits.ShouldBe(expected.Take(k));

                    // As high as a score, so that ties at it must stay.
                    var least = expected[Math.Min(k / 2, expected.Count - 1)].Score;
                    reader.Search(query, k, Pruned with { MinScore = least }).Hits.ShouldBe(expected.Take(k).Where(h => h.Score >= least));
                    reader.Search(query, k, SearchOptions.Exact with { MinScore = least }).Total.ShouldBe(expected.Count);
                }

                var counted = reader.Search(query, 10);
                counted.Hits.ShouldBe(expected.Take(10));
                counted.Total.ShouldBe(expected.Count);
                reader.Count(query).ShouldBe(expected.Count);
            }
        });
        foreach (var (term, weight) in new[] { ("t0", 0f), ("t0", 1f), ("t3", 2.5f), ("t60", 0.5f), ("t399", 0f), ("t399", 70f), ("absent", 0f) })
        {
            reader.CountFrom("f", term, weight).ShouldBe(oracle.CountFrom("f", term, weight), $"{term} from {weight}");
            reader.CountFrom("g", term, weight).ShouldBe(oracle.CountFrom("g", term, weight), $"{term} from {weight}");
        }
    }

    [Fact]
    public void Filters_never_lose_a_hit()
    {
        using var folder = new TemporaryFolder();
        var options = OneScale;
        var corpus = new RandomCorpus(11) { Fields = ["f", "g"] };
        using var writer = IndexWriter.Open([], options);
        var oracle = new SearchOracle(options.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, 12_000, folder.Path);
        Fill(writer, oracle, corpus, 12_000, 13_000, folder.Path);
        using var reader = writer.Refresh();
        foreach (var term in new[] { "t0", "t9", "t60", "t390", "absent" })
        {
            using var other = writer.Refresh();
            var filter = reader.Filter(new SparseVectorQuery("g", [new FeatureWeight(term, 1f)]));
            for (var i = 1; i < 8; i++)
            {
                var query = corpus.Query("f", i * 3);
                var expected = oracle.Search(query, id => oracle.Has(id, "g", term));
                foreach (var k in Ks)
                {
                    reader.Search(query, k, Pruned with { Filter = filter }).Hits.ShouldBe(expected.Take(k));
                }

                var counted = reader.Search(query, 5, new SearchOptions { Filter = filter });
                counted.Total.ShouldBe(expected.Count);
            }
        }

        writer.Index(corpus.Document(99_999));
        using var next = writer.Refresh();
        Should.Throw<ArgumentException>(() => next.Search(corpus.Query("f", 3), 1, Pruned with { Filter = reader.Filter(new MatchAllQuery()) }));
    }

    [Fact]
    public void Approximate_and_limited_answers_are_true_documents_with_true_scores_and_say_when_they_stopped()
    {
        using var folder = new TemporaryFolder();
        var options = OneScale;
        var corpus = new RandomCorpus(21) { Vocabulary = 2000 };
        using var writer = IndexWriter.Open([], options);
        var oracle = new SearchOracle(options.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, 30_000, folder.Path);
        using var reader = writer.Refresh();
        var found = 0;
        for (var i = 1; i < 40; i++)
        {
            var query = corpus.Query("f", 1 + (i % 20));
            var expected = oracle.Search(query);
            var scores = expected.ToDictionary(h => h.Id, h => h.Score);
            var approximate = reader.Search(query, 10, Pruned with { BoundScale = 0.8 });
            approximate.Statistics.StoppedEarly.ShouldBeFalse();
            found += approximate.Hits.Intersect(expected.Take(10)).Count();
            var limited = reader.Search(query, 10, Pruned with { MaxSuperblocks = 1 });
            limited.Statistics.Superblocks.ShouldBeLessThanOrEqualTo(limited.Statistics.ExhaustiveSegments == 1 ? Accumulator.GroupSize : 1);
            var late = reader.Search(query, 10, Pruned with { Deadline = Environment.TickCount64 - 1 });
            var exhaustive = Pruned with { Exhaustive = true, Deadline = Environment.TickCount64 - 1 };
            foreach (var threads in new[] { 1, 3 })
            {
                reader.Search(query, 10, exhaustive with { Threads = threads }).Statistics.StoppedEarly.ShouldBeTrue();
            }

            foreach (var answer in new[] { approximate, limited, late })
            {
                answer.Hits.ShouldAllBe(h => scores[h.Id] == h.Score);
                answer.Hits.ShouldBe(answer.Hits.OrderByDescending(h => h.Score).ThenBy(h => h.Id, StringComparer.Ordinal));
                (answer.Statistics.StoppedEarly || ReferenceEquals(answer, approximate) || answer.Hits.SequenceEqual(expected.Take(10))).ShouldBeTrue();
            }
        }

        found.ShouldBeGreaterThan(200);
        Should.Throw<ArgumentException>(() => reader.Search(corpus.Query("f", 2), 1, new SearchOptions { BoundScale = 1.5 }));
        Should.Throw<ArgumentException>(() => reader.Search(corpus.Query("f", 2), 1, new SearchOptions { MaxSuperblocks = 0 }));
    }

    /// <summary>The superblock of the best document has the largest bound, and many before it have nearly as large ones.</summary>
    [Fact]
    public void One_superblock_is_the_one_with_the_best_bound()
    {
        using var folder = new TemporaryFolder();
        using var writer = IndexWriter.Open([], OneScale);
        for (var i = 0; i < 30_000; i++)
        {
            FeatureWeight[] weights = i == 29_000
                ? [new FeatureWeight("a", 3.9f), new FeatureWeight("b", 3.9f)]
                : [new FeatureWeight("a", 1 + (i * 7919 % 128 / 64f)), new FeatureWeight("b", 1 + (i * 31 % 128 / 64f))];
            writer.Index(new IndexDocument($"d{i:d6}", 1, i, "{}"u8.ToArray(), [new SparseField("f", [.. weights])]));
        }

        Flush(writer, folder.Path);
        using var reader = writer.Refresh();
        var best = reader.Search(new SparseVectorQuery("f", [new FeatureWeight("a", 1f), new FeatureWeight("b", 1f)]), 1, Pruned with { MaxSuperblocks = 1 });
        best.Hits.Single().Id.ShouldBe("d029000");
        best.Statistics.Superblocks.ShouldBe(1);
    }

    [Fact]
    public void Several_threads_find_what_one_finds()
    {
        using var folder = new TemporaryFolder();
        var options = OneScale;
        var corpus = new RandomCorpus(51) { Weights = 5 };
        using var writer = IndexWriter.Open([], options);
        var oracle = new SearchOracle(options.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, 2 * SegmentSearch.MinGroupsPerThread * Accumulator.GroupSize * SegmentFormat.SuperblockSize, folder.Path);
        for (var i = 0; i < 30_000; i += 11)
        {
            writer.Delete($"d{i:d6}").ShouldBeTrue();
            oracle.Delete($"d{i:d6}");
        }

        using var reader = writer.Refresh();
        for (var i = 1; i < 8; i++)
        {
            var query = corpus.Query("f", 3 * i);
            var expected = oracle.Search(query);
            foreach (var k in Ks)
            {
                var found = reader.Search(query, k, new SearchOptions { Threads = 3 });
                found.Hits.ShouldBe(expected.Take(k));
                found.Total.ShouldBe(expected.Count);
                reader.Search(query, k, Pruned with { Threads = 3 }).Hits.ShouldBe(expected.Take(k));
            }
        }
    }

    /// <summary>Rare terms of small topics have cells that are bitmaps among others that are empty or pairs, in superblocks that are searched alone, in groups, or left out.</summary>
    [Fact]
    public void Small_topics_have_bitmaps_in_lists_of_rare_terms()
    {
        using var folder = new TemporaryFolder();
        const int count = (Accumulator.GroupSize * SegmentFormat.SuperblockSize) + 9000;
        var corpus = new RandomCorpus(91) { Topics = 250, Vocabulary = 6000 };
        using var writer = IndexWriter.Open([], OneScale);
        var oracle = new SearchOracle(OneScale.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, count, folder.Path);
        var segment = SegmentSlot.Open(writer.Published().Single(), verifyChecksums: true).Segment;
        var field = segment.Field("f")!;
        foreach (var kind in (ListKind[])[ListKind.Celled, ListKind.Sparse, ListKind.Sparser])
        {
            Enumerable.Range(0, field.TermCount).Select(t => field.Entry(t)).Count(e => e.Kind == kind && Pairs(field, e) < e.Frequency).ShouldBeGreaterThan(5, $"{kind}");
        }

        segment.Release();
        for (var i = 0; i < count; i += 13)
        {
            writer.Delete($"d{i:d6}").ShouldBeTrue();
            oracle.Delete($"d{i:d6}");
        }

        using var reader = writer.Refresh();
        var filter = reader.Filter(new SparseVectorQuery("f", [new FeatureWeight("t1", 1f)]));
        var queries = Enumerable.Range(0, 10).Select(i => corpus.Query("f", 1 + (3 * i))).Select(q => (Query: q, Expected: oracle.Search(q))).ToArray();
        SimdLevels.ForEach(() =>
        {
            foreach (var (query, expected) in queries)
            {
                foreach (var k in Ks)
                {
                    reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
                    reader.Search(query, k, Pruned with { Filter = filter }).Hits.ShouldBe(expected.Where(h => oracle.Has(h.Id, "f", "t1")).Take(k));
                    reader.Search(query, k, Pruned with { Exhaustive = true }).Hits.ShouldBe(expected.Take(k));
                }

                reader.Count(query).ShouldBe(expected.Count);
            }
        });
        Merge(writer, folder.Path);
        using var merged = writer.Refresh();
        merged.Search(queries[4].Query, 1000, Pruned).Hits.ShouldBe(queries[4].Expected.Take(1000));
    }

    private static int Pairs(FieldPostings field, in TermEntry entry) => entry.Kind == ListKind.Celled ? field.Celled(entry).Pairs : field.Sparse(entry).Pairs;

    /// <summary>A merge puts them behind the others, whose superblocks and groups are searched as if they were alone.</summary>
    [Fact]
    public void Documents_of_other_scales_lie_last_and_are_ranked_with_the_others()
    {
        using var folder = new TemporaryFolder();
        const int group = Accumulator.GroupSize * SegmentFormat.SuperblockSize;
        var corpus = new RandomCorpus(81) { Scales = true, Vocabulary = 20_000 };
        using var writer = IndexWriter.Open([], OneScale);
        var oracle = new SearchOracle(OneScale.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, group, folder.Path);
        Fill(writer, oracle, corpus, group - 1000, 2 * group, folder.Path);
        Merge(writer, folder.Path);
        var segment = SegmentSlot.Open(writer.Published().Single(), verifyChecksums: true).Segment;
        var shifts = segment.Field("f")!.SuperblockShifts!;
        shifts.AsSpan().IndexOfAnyExcept(shifts[0]).ShouldBeInRange(Accumulator.GroupSize, (2 * Accumulator.GroupSize) - 1);
        shifts[Accumulator.GroupSize..].Distinct().Count().ShouldBeGreaterThan(2);
        shifts.ShouldContain(FieldPostings.SeveralShifts);
        segment.Release();
        for (var i = 0; i < 2 * group; i += 9)
        {
            writer.Delete($"d{i:d6}").ShouldBeTrue();
            oracle.Delete($"d{i:d6}");
        }

        using var reader = writer.Refresh();
        var filter = reader.Filter(new SparseVectorQuery("f", [new FeatureWeight("t60", 1f)]));
        var rare = Enumerable.Range(1, 6).Select(i => new SparseVectorQuery("f", [.. Enumerable.Range(0, i * i).Select(t => new FeatureWeight($"t{(i * 3000) + t}", 1f + (t % 3)))]));
        var queries = Enumerable.Range(0, 6).Select(i => corpus.Query("f", i == 0 ? 1 : 4 * i)).Concat(rare).Select(q => (Query: q, Expected: oracle.Search(q))).ToArray();
        SimdLevels.ForEach(() =>
        {
            foreach (var (query, expected) in queries)
            {
                foreach (var k in Ks)
                {
                    reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
                    reader.Search(query, k, Pruned with { Filter = filter }).Hits.ShouldBe(expected.Where(h => oracle.Has(h.Id, "f", "t60")).Take(k));
                    reader.Search(query, k, Pruned with { Threads = 2 }).Hits.ShouldBe(expected.Take(k));
                }

                reader.Search(query, 10, Pruned with { Exhaustive = true }).Hits.ShouldBe(expected.Take(10));
                reader.Count(query).ShouldBe(expected.Count);
            }
        });
    }

    /// <summary>Too few documents to be put beside similar ones, but enough to be put beside those of their scale.</summary>
    [Theory]
    [InlineData(1000, false)]
    [InlineData(3000, true)]
    public void Small_segments_are_ordered_by_scale(int count, bool ordered)
    {
        using var folder = new TemporaryFolder();
        var corpus = new RandomCorpus(84) { Scales = true };
        using var writer = IndexWriter.Open([], OneScale);
        var oracle = new SearchOracle(OneScale.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, count, folder.Path);
        var segment = SegmentSlot.Open(writer.Published().Single(), verifyChecksums: true).Segment;
        var shifts = segment.Field("f")!.SuperblockShifts!;
        (shifts[0] != FieldPostings.SeveralShifts).ShouldBe(ordered);
        segment.Find("d000777"u8).ShouldBeGreaterThanOrEqualTo(0);
        segment.Release();
        using var reader = writer.Refresh();
        for (var i = 1; i < 10; i++)
        {
            var query = corpus.Query("f", 2 * i);
            var expected = oracle.Search(query);
            foreach (var k in Ks)
            {
                reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
            }
        }
    }

    /// <summary>Whole groups of each scale, and one in which they meet: what waits for deferred terms is completed before the unit of sums changes.</summary>
    [Fact]
    public void Two_common_scales_are_ranked_together()
    {
        using var folder = new TemporaryFolder();
        const int group = Accumulator.GroupSize * SegmentFormat.SuperblockSize;
        var corpus = new RandomCorpus(83);
        using var writer = IndexWriter.Open([], OneScale);
        var oracle = new SearchOracle(OneScale.SmallestImpactExponent);
        for (var i = 0; i < 3 * group; i++)
        {
            var document = corpus.Document(i);
            var factor = i % 20 < 9 ? 4f : 1f;
            document = document with { Fields = [.. document.Fields.Select(f => f with { Features = [.. f.Features.Select(w => w with { Weight = w.Weight * factor })] })] };
            writer.Index(document);
            oracle.Index(document);
        }

        Flush(writer, folder.Path);
        var segment = SegmentSlot.Open(writer.Published().Single(), verifyChecksums: true).Segment;
        var groups = segment.Field("f")!.SuperblockShifts!.Chunk(Accumulator.GroupSize).Select(g => g.Distinct().ToArray()).ToArray();
        groups.Count(g => g.Length > 1).ShouldBe(1);
        groups.Where(g => g.Length == 1).Select(g => g[0]).Distinct().Count().ShouldBe(2);
        segment.Release();
        using var reader = writer.Refresh();
        var queries = Enumerable.Range(0, 12).Select(i => corpus.Query("f", 1 + (3 * i))).Select(q => (Query: q, Expected: oracle.Search(q))).ToArray();
        SimdLevels.ForEach(() =>
        {
            foreach (var (query, expected) in queries)
            {
                foreach (var k in Ks)
                {
                    reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
                }

                reader.Search(query, 10, Pruned with { Threads = 2 }).Hits.ShouldBe(expected.Take(10));
                reader.Search(query, 10, Pruned with { Exhaustive = true }).Hits.ShouldBe(expected.Take(10));
            }
        });
    }

    /// <summary>They lie in the last superblocks, which have no bounds: those of all others are as if they were alone, and so are the postings that a search reads.</summary>
    [Theory]
    [InlineData(1024f)]
    [InlineData(1e30f)]
    public void Documents_of_a_far_larger_scale_leave_the_bounds_of_the_others_as_they_are(float farLarger)
    {
        using var folder = new TemporaryFolder();
        const int count = 24_000;
        var postings = new long[2];
        for (var far = 0; far < 2; far++)
        {
            var corpus = new RandomCorpus(83) { FarLarger = far == 0 ? 1 : farLarger, Vocabulary = 20_000, Fields = ["f", "g"] };
            using var writer = IndexWriter.Open([]);
            var oracle = new SearchOracle(new IndexWriterOptions().SmallestImpactExponent);
            Fill(writer, oracle, corpus, 0, count / 2, folder.Path);
            Fill(writer, oracle, corpus, count / 2, count, folder.Path);
            Merge(writer, folder.Path);
            var segment = SegmentSlot.Open(writer.Published().Single(), verifyChecksums: true).Segment;
            segment.Field("f")!.BoundedSuperblocks.ShouldBe(SegmentFormat.Superblocks(count) - far);
            segment.Release();
            using var reader = writer.Refresh();
            var filter = reader.Filter(new SparseVectorQuery("f", [new FeatureWeight("t1", 1f)]));
            var queries = Enumerable.Range(1, 12).Select(i => corpus.Query("f", 3 * i)).Append<Query>(new SumQuery([corpus.Query("f", 9), corpus.Query("g", 9)]));
            foreach (var (query, expected) in queries.Select(q => (q, oracle.Search(q))).ToArray())
            {
                SimdLevels.ForEach(() =>
                {
                    foreach (var k in Ks)
                    {
                        reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
                        reader.Search(query, k, Pruned with { Threads = 2 }).Hits.ShouldBe(expected.Take(k));
                        reader.Search(query, k, Pruned with { Filter = filter }).Hits.ShouldBe(expected.Where(h => oracle.Has(h.Id, "f", "t1")).Take(k));
                    }

                    reader.Count(query).ShouldBe(expected.Count);
                });
                postings[far] += reader.Search(query, 10, Pruned).Statistics.Postings;
            }
        }

        postings[1].ShouldBeLessThan(postings[0] * 11 / 10);
    }

    /// <summary>Fewer than k match, so that no score is too low: what the first group's documents reach says nothing of those of a smaller scale in later ones.</summary>
    [Theory]
    [InlineData(30_000)]
    [InlineData(500)]
    public void No_hit_of_a_smaller_scale_is_lost_where_few_match(int every)
    {
        using var folder = new TemporaryFolder();
        using var writer = IndexWriter.Open([]);
        var oracle = new SearchOracle(new IndexWriterOptions().SmallestImpactExponent);
        const int count = (Accumulator.GroupSize * SegmentFormat.SuperblockSize) + 600;
        for (var i = 0; i < count; i++)
        {
            FeatureWeight[] features = i >= count - 100 ? [new("a", 3 / 256f), new("x", 200 / 256f)] : i % (60_000 / every) == 0 ? [new("a", 2), new("x", 255)] : [new("x", 255)];
            var document = new IndexDocument($"d{i:d6}", 1, i, ReadOnlyMemory<byte>.Empty, [new SparseField("f", [.. features])]);
            writer.Index(document);
            oracle.Index(document);
        }

        Flush(writer, folder.Path);
        using var reader = writer.Refresh();
        var query = new SparseVectorQuery("f", [new("a", 1)]);
        var expected = oracle.Search(query);
        foreach (var options in new[] { Pruned, SearchOptions.Exact, Pruned with { Exhaustive = true }, Pruned with { Threads = 2 } })
        {
            reader.Search(query, 40_000, options).Hits.ShouldBe(expected);
        }
    }

    /// <summary>Of binary weights most scores are equal, and ids decide.</summary>
    [Theory]
    [InlineData(3000)]
    [InlineData(20_000)]
    public void Of_many_equal_scores_the_lowest_ids_win(int count)
    {
        using var folder = new TemporaryFolder();
        var corpus = new RandomCorpus(85) { Weights = 1, Vocabulary = 60 };
        using var writer = IndexWriter.Open([], OneScale);
        var oracle = new SearchOracle(OneScale.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, count, folder.Path);
        using var reader = writer.Refresh();
        for (var i = 1; i < 12; i++)
        {
            var query = new SparseVectorQuery("f", [.. Enumerable.Range(0, i).Select(t => new FeatureWeight($"t{t * 3}", 1))]);
            var expected = oracle.Search(query);
            foreach (var k in Ks)
            {
                reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
                reader.Search(query, k, Pruned with { Threads = 2 }).Hits.ShouldBe(expected.Take(k));
                reader.Search(query, k).Hits.ShouldBe(expected.Take(k));
            }
        }
    }

    /// <summary>What it may add counts in its own scale, and does not fit into sums of the others'.</summary>
    [Theory]
    [InlineData(1e6f, 1e4f)]
    [InlineData(2048f, 1024f)]
    [InlineData(1e30f, 3f)]
    public void A_document_of_a_much_larger_scale_hides_no_other(float much, float more)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(91);
        using var writer = IndexWriter.Open([]);
        var oracle = new SearchOracle(new IndexWriterOptions().SmallestImpactExponent);
        const int count = (2 * Accumulator.GroupSize * SegmentFormat.SuperblockSize) + 300;
        for (var i = 0; i < count; i++)
        {
            var some = new[] { "a", "b", "c" }.Where(_ => random.Next(6) == 0).Select(t => new FeatureWeight(t, 0.05f + (2.9f * random.NextSingle())));
            FeatureWeight[] features = i == count - 1 ? [new("a", much), new("b", more)] : [.. some, new($"t{random.Next(500)}", 1 + (2 * random.NextSingle()))];
            var document = new IndexDocument($"d{i:d6}", 1, i, ReadOnlyMemory<byte>.Empty, [new SparseField("f", [.. features])]);
            writer.Index(document);
            oracle.Index(document);
        }

        Flush(writer, folder.Path);
        using var reader = writer.Refresh();
        foreach (var query in new SparseVectorQuery[] { new("f", [new("a", 1.5f), new("b", 1.2f), new("c", 0.7f)]), new("f", [new("a", 8000), new("b", 8449), new("c", 65_535), new("t7", 65_535)]) })
        {
            var expected = oracle.Search(query);
            foreach (var k in Ks)
            {
                reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
                reader.Search(query, k, Pruned with { Threads = 2 }).Hits.ShouldBe(expected.Take(k));
            }
        }
    }

    /// <summary>Frequent terms of low weight, which are deferred, with rare ones, which touch few documents: what each finds decides the order.</summary>
    [Theory]
    [InlineData(61, 1f, 200)]
    [InlineData(62, 1f, 3)]
    [InlineData(63, 0.02f, 200)]
    [InlineData(64, 8f, 20)]
    public void Deferred_terms_and_touched_documents_lose_no_hit(int seed, float frequentWeight, int weights)
    {
        using var folder = new TemporaryFolder();
        var options = OneScale;
        var corpus = new RandomCorpus(seed) { Weights = weights, Vocabulary = 3000 };
        using var writer = IndexWriter.Open([], options);
        var oracle = new SearchOracle(options.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, 20_000, folder.Path);
        for (var deleted = 0; deleted < 2; deleted++)
        {
            using var reader = writer.Refresh();
            SimdLevels.ForEach(() =>
            {
                var random = new Random(seed);
                for (var i = 0; i < 8; i++)
                {
                    var rare = Enumerable.Range(0, random.Next(0, 6)).Select(_ => $"t{random.Next(200, 3000)}");
                    var middle = Enumerable.Range(0, random.Next(0, 6)).Select(_ => $"t{random.Next(8, 200)}");
                    var frequent = Enumerable.Range(0, random.Next(0, 5)).Select(_ => $"t{random.Next(8)}");
                    var query = new SparseVectorQuery("f", [
                        .. rare.Concat(middle).Distinct().Select(t => new FeatureWeight(t, 1 + (float)random.NextDouble())),
                        .. frequent.Distinct().Select(t => new FeatureWeight(t, frequentWeight * (float)(0.1 + random.NextDouble())))]);
                    var expected = oracle.Search(query);
                    foreach (var k in Ks)
                    {
                        reader.Search(query, k, Pruned).Hits.ShouldBe(expected.Take(k));
                        reader.Search(query, k, Pruned with { Threads = 2 }).Hits.ShouldBe(expected.Take(k));
                    }

                    reader.Count(query).ShouldBe(expected.Count);
                }
            });
            for (var i = 0; i < 20_000; i += 5)
            {
                writer.Delete($"d{i:d6}");
                oracle.Delete($"d{i:d6}");
            }
        }
    }

    /// <summary>Sums far beyond 16 bits and near 32: nothing wraps on its way.</summary>
    [Fact]
    public void The_largest_sums_do_not_overflow()
    {
        var random = new Random(71);
        using var writer = IndexWriter.Open([]);
        var documents = Enumerable.Range(0, 9000).Select(_ => Enumerable.Range(0, 40).Where(_ => random.Next(4) > 0).ToDictionary(t => t, _ => 255 - random.Next(3))).ToArray();
        for (var i = 0; i < documents.Length; i++)
        {
            writer.Index(new IndexDocument(
                $"{i:d5}", 1, i, ReadOnlyMemory<byte>.Empty, [new SparseField("f", [.. documents[i].Select(t => new FeatureWeight($"t{t.Key}", t.Value))])]));
        }

        using var reader = writer.Refresh();
        var query = Enumerable.Range(0, 40).ToDictionary(t => t, t => 65_535 - t);
        var expected = documents.Select((d, i) => (Id: $"{i:d5}", Score: query.Sum(t => (long)t.Value * d.GetValueOrDefault(t.Key))))
            .OrderByDescending(h => h.Score).ThenBy(h => h.Id, StringComparer.Ordinal).ToArray();
        expected[0].Score.ShouldBeGreaterThan(500_000_000);
        SimdLevels.ForEach(() =>
        {
            foreach (var k in Ks)
            {
                var hits = reader.Search(new SparseVectorQuery("f", [.. query.Select(t => new FeatureWeight($"t{t.Key}", t.Value))]), k, Pruned).Hits;
                hits.Select(h => (h.Id, (long)h.Score)).ShouldBe(expected.Take(k));
            }
        });
    }

    [Fact]
    public void Small_integers_are_scored_without_rounding()
    {
        var random = new Random(31);
        using var writer = IndexWriter.Open([]);
        var documents = Enumerable.Range(0, 9000).Select(_ => Enumerable.Range(0, 12).Select(_ => random.Next(60)).Distinct()
            .ToDictionary(t => t, _ => random.Next(1, 256))).ToArray();
        for (var i = 0; i < documents.Length; i++)
        {
            writer.Index(new IndexDocument(
                $"{i:d5}", 1, i, ReadOnlyMemory<byte>.Empty, [new SparseField("f", [.. documents[i].Select(t => new FeatureWeight($"t{t.Key}", t.Value))])]));
        }

        using var reader = writer.Refresh();
        for (var q = 0; q < 10; q++)
        {
            var query = Enumerable.Range(0, 20).Select(_ => random.Next(60)).Distinct().ToDictionary(t => t, _ => random.Next(1, 65_536));
            var expected = documents.Select((d, i) => (Id: $"{i:d5}", Score: query.Sum(t => (long)t.Value * d.GetValueOrDefault(t.Key))))
                .Where(h => h.Score > 0).OrderByDescending(h => h.Score).ThenBy(h => h.Id, StringComparer.Ordinal).Take(50);
            var hits = reader.Search(new SparseVectorQuery("f", [.. query.Select(t => new FeatureWeight($"t{t.Key}", t.Value))]), 50, Pruned).Hits;
            hits.Select(h => (h.Id, (long)h.Score)).ShouldBe(expected);
            hits.ShouldAllBe(h => h.Score == Math.Floor(h.Score));
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void A_search_allocates_nothing_but_its_answer(bool counted, bool sum)
    {
        using var folder = new TemporaryFolder();
        var corpus = new RandomCorpus(41) { Fields = ["f", "g"] };
        using var writer = IndexWriter.Open([], OneScale);
        Fill(writer, new SearchOracle(0), corpus, 0, 12_000, folder.Path, "");
        Fill(writer, new SearchOracle(0), corpus, 11_000, 16_000, folder.Path, "");
        using var reader = writer.Refresh();
        Query query = sum ? new SumQuery([corpus.Query("f", 25), corpus.Query("g", 5)]) : corpus.Query("f", 25);
        var options = counted ? SearchOptions.Exact : Pruned;
        var hits = new Hit[100];
        var expected = reader.Search(query, hits.Length, options);
        for (var i = 0; i < 50; i++)
        {
            reader.Search(query, hits, options);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = reader.Search(query, hits, options);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        found.ShouldBe(new HitCount(100, expected.Total, expected.TotalIsLowerBound, expected.Statistics));
        hits.ShouldBe(expected.Hits);
        before = GC.GetAllocatedBytesForCurrentThread();
        reader.Search(query, hits.Length, options);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan((hits.Length * 32) + 256);
    }

    /// <summary>Scores that differ in their last bits only have one key when hits are sorted.</summary>
    [Fact]
    public void Nearly_equal_scores_are_in_order_and_allocate_nothing()
    {
        using var writer = IndexWriter.Open([]);
        var scores = new Dictionary<string, double>();
        for (var i = 0; i < 3000; i++)
        {
            var (much, little) = (1 + (i % 7 * 40), 1 + (i * 31 % 251));
            writer.Index(new IndexDocument($"{i:d4}", 1, i, "{}"u8.ToArray(), [new SparseField("f", [new("a", much), new("b", little)])]));
            scores[$"{i:d4}"] = (much * 65_535d) + little;
        }

        using var reader = writer.Refresh();
        var query = new SparseVectorQuery("f", [new("a", 65_535), new("b", 1)]);
        var hits = new Hit[1000];
        for (var i = 0; i < 50; i++)
        {
            reader.Search(query, hits, Pruned);
        }

        hits.Select(h => (h.Id, h.Score)).ShouldBe(scores.Select(s => (s.Key, s.Value)).OrderByDescending(s => s.Value).ThenBy(s => s.Key, StringComparer.Ordinal).Take(hits.Length));
        var before = GC.GetAllocatedBytesForCurrentThread();
        reader.Search(query, hits, Pruned);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Hits_go_into_the_callers_memory_as_far_as_there_are_any()
    {
        using var writer = IndexWriter.Open([]);
        writer.Index(new IndexDocument("b", 1, 0, "{}"u8.ToArray(), [new SparseField("f", [new("x", 1f)])]));
        writer.Index(new IndexDocument("a", 1, 0, "{}"u8.ToArray(), [new SparseField("f", [new("x", 2f)])]));
        using var reader = writer.Refresh();
        var hits = Enumerable.Repeat(new Hit("old", 7), 4).ToArray();
        reader.Search(new SparseVectorQuery("f", [new("x", 1f)]), hits, SearchOptions.Exact).Count.ShouldBe(2);
        hits.ShouldBe([new Hit("a", 2), new Hit("b", 1), new Hit("old", 7), new Hit("old", 7)]);
        reader.Search(new MatchAllQuery(), hits.AsSpan(0, 1), SearchOptions.Exact).ShouldBe(new HitCount(1, 2, false, default));
        hits[0].ShouldBe(new Hit("a", 1));
        reader.Search(new MatchNoneQuery(), hits, SearchOptions.Exact).ShouldBe(default);
    }

    [Theory]
    [InlineData(1f, float.MaxValue)]
    [InlineData(1e-20f, 3e38f)]
    [InlineData(1e-38f, 1e30f)]
    [InlineData(float.Epsilon, float.MaxValue)]
    public void Documents_of_any_scale_are_ranked_beside_each_other(float small, float large)
    {
        var options = new IndexWriterOptions();
        using var writer = IndexWriter.Open([], options);
        var oracle = new SearchOracle(options.SmallestImpactExponent);
        for (var i = 0; i < 300; i++)
        {
            FeatureWeight[] features = [new("a", i % 3 == 0 ? small : large), new("b", small), new($"t{i % 5}", i % 2 == 0 ? large : 1f)];
            var document = new IndexDocument($"d{i:d6}", 1, 0, "{}"u8.ToArray(), [new SparseField("f", [.. features])]);
            writer.Index(document);
            oracle.Index(document);
        }

        using var reader = writer.Refresh();
        Query[] queries =
        [
            new SparseVectorQuery("f", [new("a", 1)]),
            new SparseVectorQuery("f", [new("a", 1), new("b", 3), new("t1", 2)]),
            new SumQuery([new SparseVectorQuery("f", [new("a", large), new("b", small)]), new SparseVectorQuery("f", [new("b", small)])], 1f),
        ];
        SimdLevels.ForEach(() =>
        {
            foreach (var query in queries)
            {
                foreach (var k in new[] { 1, 10, 1000 })
                {
                    reader.Search(query, k, Pruned).Hits.ShouldBe(oracle.Search(query).Take(k));
                }
            }
        });
    }

    [Fact]
    public void Filters_of_ids_are_combined_as_sets()
    {
        using var folder = new TemporaryFolder();
        var options = OneScale;
        var corpus = new RandomCorpus(21) { Fields = ["f", "g"] };
        using var writer = IndexWriter.Open([], options);
        var oracle = new SearchOracle(options.SmallestImpactExponent);
        Fill(writer, oracle, corpus, 0, 3000, folder.Path);
        Fill(writer, oracle, corpus, 2000, 5000, folder.Path);
        writer.Delete("d000030");
        oracle.Delete("d000030");
        using var reader = writer.Refresh();
        var (query, term) = (corpus.Query("f", 6), corpus.Query("g", 1).Features[0].Feature);
        var matching = reader.Filter(new SparseVectorQuery("g", [new FeatureWeight(term, 1f)]));
        var ids = Enumerable.Range(0, 5000).Where(i => i % 3 == 0).Select(i => $"d{i:d6}").ToHashSet();
        var some = reader.Filter([.. ids, "not there", ""]);
        (DocumentFilter Filter, Func<string, bool> Has)[] sets =
        [
            (some, ids.Contains),
            (some.Not(), id => !ids.Contains(id)),
            (some.And(matching), id => ids.Contains(id) && oracle.Has(id, "g", term)),
            (some.Or(matching), id => ids.Contains(id) || oracle.Has(id, "g", term)),
            (matching.Not().And(some), id => ids.Contains(id) && !oracle.Has(id, "g", term)),
            (some.And(some.Not()), _ => false),
        ];
        foreach (var (filter, has) in sets)
        {
            var expected = oracle.Search(query, has);
            reader.Search(query, 50, Pruned with { Filter = filter }).Hits.ShouldBe(expected.Take(50));
            reader.Search(query, 5, new SearchOptions { Filter = filter }).Total.ShouldBe(expected.Count);
        }

        writer.Delete("d000031");
        using var later = writer.Refresh();
        Should.Throw<ArgumentException>(() => some.And(later.Filter(["d000001"])));
    }

    private static void Fill(IndexWriter writer, SearchOracle oracle, RandomCorpus corpus, int from, int to, string folder, string prefix = "d")
    {
        for (var i = from; i < to; i++)
        {
            var document = corpus.Document(i) with { Id = $"{prefix}{i:d6}" };
            writer.Index(document);
            oracle.Index(document);
        }

        Flush(writer, folder);
    }

    private static void Flush(IndexWriter writer, string folder)
    {
        var flush = writer.BeginFlush()!;
        flush.Run(folder);
        writer.Complete(flush);
    }

    private static void Merge(IndexWriter writer, string folder)
    {
        if (writer.ForceMerge() is { } merge)
        {
            merge.Run(folder);
            writer.Complete(merge);
        }
    }
}
