using System.Text;
using CsCheck;
using Splade.Index.Search;

namespace Splade.Index.Tests.Search;

[Collection(SimdLevels.Name)]
public sealed class PreparedQueryTests
{
    [Fact]
    public void A_repeated_feature_has_the_sum_of_its_weights_where_it_came_first() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 5]).Array[0, 300].Sample(
            given =>
            {
                var features = given.Select(f => new FeatureWeight($"feature {f.Item1}", f.Item2)).ToArray();
                var expected = features.Where(f => f.Weight > 0).GroupBy(f => f.Feature).Select(g => (g.Key, g.Sum(f => f.Weight)));
                var query = PreparedQuery.Of(new SparseVectorQuery("f", [.. features]));
                var found = query.FeaturesOf(query.Clauses[0]).ToArray();
                found.Select(f => (Encoding.UTF8.GetString(query.NameOf(f)), (float)f.GivenWeight)).ShouldBe(expected);

                // Integers stay as they are.
                found.Select(f => (float)f.Weight).ShouldBe(expected.Select(f => f.Item2));
            },
            iter: 300);

    [Fact]
    public void A_query_of_thousands_of_features_has_each_once_and_the_next_allocates_nothing()
    {
        var query = new SparseVectorQuery("f", [.. Enumerable.Range(0, 10_000).Select(i => new FeatureWeight($"feature {i % 6000}", 1f))]);
        PreparedQuery.OfThread(query).Clauses[0].Count.ShouldBe(6000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        PreparedQuery.OfThread(query);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    /// <summary>The thread's memory holds one query at a time, whatever was in it; that of a large one goes with the next.</summary>
    [Fact]
    public void A_thread_takes_the_same_memory_for_its_next_query_unless_the_last_was_large()
    {
        var small = new SparseVectorQuery("f", [new("a", 1f), new("b", 2f)]);
        var large = new SparseVectorQuery("g", [.. Enumerable.Range(0, 40_000).Select(i => new FeatureWeight($"t{i}", 1f))]);
        var longNames = new SparseVectorQuery("h", [.. Enumerable.Range(0, 150).Select(i => new FeatureWeight($"{i}{new string('x', 10_000)}", 1f))]);
        var first = PreparedQuery.OfThread(small);
        PreparedQuery.OfThread(new SumQuery([small, small])).ShouldBeSameAs(first);
        first.Clauses.Length.ShouldBe(2);
        PreparedQuery.OfThread(large).ShouldBeSameAs(first);
        var second = PreparedQuery.OfThread(longNames);
        second.ShouldNotBeSameAs(first);
        var third = PreparedQuery.OfThread(small);
        third.ShouldNotBeSameAs(second);
        third.Clauses.ToArray().ShouldBe([new PreparedQuery.Clause("f", 0, 2, 1)]);
        third.FeaturesOf(third.Clauses[0]).ToArray().Select(f => (Encoding.UTF8.GetString(third.NameOf(f)), f.Weight)).ShouldBe([("a", 1u), ("b", 2u)]);
    }

    [Theory]
    [InlineData(257, 1)]
    [InlineData(258, 2)]
    [InlineData(1000, 4)]
    public void Integers_that_do_not_fit_32_bits_together_are_spread_over_clauses(int count, int clauses)
    {
        using var writer = IndexWriter.Open([]);
        for (var d = 0; d < 300; d++)
        {
            writer.Index(new IndexDocument($"d{d:d3}", 1, 0, "{}"u8.ToArray(), [new SparseField("f", [.. Enumerable.Range(0, count).Select(i => new FeatureWeight($"t{i}", i == d ? 254f : 255f))])]));
        }

        using var reader = writer.Refresh();
        var query = new SparseVectorQuery("f", [.. Enumerable.Range(0, count).Select(i => new FeatureWeight($"t{i}", i == 7 ? 65_534f : 65_535f))]);
        PreparedQuery.Of(query).Clauses.Length.ShouldBe(clauses);
        var all = (count * 65_535L * 255) - 255;
        IEnumerable<Hit> expected = Enumerable.Range(0, 300).Select(d => new Hit($"d{d:d3}", all - (d >= count ? 0 : d == 7 ? 65_534 : 65_535))).OrderByDescending(h => h.Score);
        SimdLevels.ForEach(() =>
        {
            foreach (var exhaustive in new[] { true, false })
            {
                reader.Search(query, 20, SearchOptions.Exact with { Exhaustive = exhaustive, CountLimit = 0 }).Hits.ShouldBe(expected.Take(20));
            }
        });
        reader.Search(query, 1).Total.ShouldBe(300);
        reader.Explain(query, "d008")!.Score.ShouldBe(all - 65_535);
    }

    /// <summary>Weights and boosts are floats, their sums and products need not be.</summary>
    [Fact]
    public void Weights_and_boosts_do_not_overflow_together()
    {
        using var writer = IndexWriter.Open([]);
        writer.Index(new IndexDocument("d", 1, 0, "{}"u8.ToArray(), [new SparseField("f", [new FeatureWeight("a", 2f)])]));
        using var reader = writer.Refresh();
        Score(new SparseVectorQuery("f", [new("a", float.MaxValue), new("a", float.MaxValue)])).ShouldBe(4.0 * float.MaxValue, 1e30);
        Score(Sum(float.MaxValue)).ShouldBe(2.0 * float.MaxValue * float.MaxValue, 1e70);
        Score(Sum(1e-38f)).ShouldBe(2.0 * 1e-38f * 1e-38f, 1e-80);

        double Score(Query query)
        {
            var score = reader.Search(query, 1).Hits.ShouldHaveSingleItem().Score;
            reader.Explain(query, "d")!.Score.ShouldBe(score);
            return score;
        }

        static SumQuery Sum(float boost) => new([new SparseVectorQuery("f", [new("a", 1f)], boost)], boost);
    }
}
