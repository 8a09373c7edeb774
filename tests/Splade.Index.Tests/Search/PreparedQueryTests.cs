using CsCheck;
using Splade.Index.Search;

namespace Splade.Index.Tests.Search;

public sealed class PreparedQueryTests
{
    [Fact]
    public void A_repeated_feature_has_the_sum_of_its_weights_where_it_came_first() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 5]).Array[0, 300].Sample(
            given =>
            {
                var features = given.Select(f => new FeatureWeight($"feature {f.Item1}", f.Item2)).ToArray();
                var expected = features.Where(f => f.Weight > 0).GroupBy(f => f.Feature).Select(g => (g.Key, g.Sum(f => f.Weight)));
                var clause = PreparedQuery.Of(new SparseVectorQuery("f", [.. features])).Clauses[0];
                clause.Features.Select(f => (f.Name, f.GivenWeight)).ShouldBe(expected);

                // Integers stay as they are.
                clause.Features.Select(f => (float)f.Weight).ShouldBe(expected.Select(f => f.Item2));
            },
            iter: 300);

    [Fact]
    public void A_query_may_have_more_features_than_are_gathered_on_the_stack()
    {
        var features = Enumerable.Range(0, 10_000).Select(i => new FeatureWeight($"feature {i % 6000}", 1f));
        PreparedQuery.Of(new SparseVectorQuery("f", [.. features])).Clauses[0].Features.Length.ShouldBe(6000);
    }
}
