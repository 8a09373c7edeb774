using CsCheck;
using Splade.Evaluation.Speed;

namespace Splade.Evaluation.Tests.Speed;

public sealed class YardstickTests
{
    [Fact]
    public void It_ranks_as_brute_force_does() => Gen.Select(Gen.Int[0, 1000], Gen.Int[1, 1000], Gen.Int[1, 40]).Sample(
        sample =>
        {
            // Over more than one range where the seed is even; few terms and impacts make many ties.
            var random = new Random(sample.Item1);
            var documents = sample.Item1 % 2 == 0 ? 33_000 + random.Next(2000) : 1 + random.Next(300);
            const int Terms = 12;
            var collection = Enumerable.Range(0, documents).Select(_ => Enumerable.Range(0, Terms).Where(_ => random.Next(4) == 0).Select(t => (Term: t, Weight: (float)random.Next(1, 256))).ToArray()).ToArray();
            var builder = new YardstickBuilder(Terms, Quantisation.Of(255, allIntegers: true));
            foreach (var document in collection)
            {
                builder.Add([.. document.Select(d => d.Term)], [.. document.Select(d => d.Weight)]);
            }

            var (yardstick, exact) = builder.Build();
            int[] terms = [.. Enumerable.Range(0, Terms + 2).OrderBy(_ => random.Next()).Take(random.Next(1, 9))];
            var weights = terms.Select(_ => (ushort)random.Next(1, sample.Item3)).ToArray();
            var expected = collection
                .Select((d, row) => (Score: d.Sum(e => Array.IndexOf(terms, e.Term) is >= 0 and var i ? weights[i] * (int)e.Weight : 0), Row: row))
                .Where(s => s.Score > 0).OrderByDescending(s => s.Score).ThenBy(s => s.Row).Take(sample.Item2).ToArray();

            yardstick.Search(terms, weights, sample.Item2).ToArray().ShouldBe(expected);
            yardstick.Postings.ShouldBe(collection.Sum(d => d.LongCount(e => terms.Contains(e.Term))));

            // A second search finds clean accumulators, and a copy the same.
            yardstick.Share().Search(terms, weights, sample.Item2).ToArray().ShouldBe(expected);
            yardstick.Search(terms, weights, sample.Item2).ToArray().ShouldBe(expected);
            exact.Search(terms, [.. weights.Select(w => (float)w)], sample.Item2).ShouldBe(expected.Select(e => ((double)e.Score, e.Row)));
        },
        iter: 40,
        threads: 1);

    [Fact]
    public void Scaled_weights_never_overflow() => Gen.Select(Gen.Float[1e-3f, 70_000f], Gen.Byte).Array[1, 1200].Sample(
        sample =>
        {
            var scaled = Yardstick.ScaleToFit([.. sample.Select(s => s.Item1)], [.. sample.Select(s => s.Item2)]);
            scaled.Select((w, i) => (long)w * sample[i].Item2).Sum().ShouldBeLessThanOrEqualTo(ushort.MaxValue);
        },
        iter: 2000);

    [Fact]
    public void Weights_that_fit_stay_as_they_are() => Yardstick.ScaleToFit([3, 1, 200], [255, 10, 255]).ShouldBe([(ushort)3, (ushort)1, (ushort)200]);

    /// <summary>600 terms of one weight would all be rounded to 0.</summary>
    [Theory]
    [InlineData(600)]
    [InlineData(5000)]
    public void A_query_of_hundreds_of_terms_keeps_the_heaviest(int terms)
    {
        var scaled = Yardstick.ScaleToFit([.. Enumerable.Range(0, terms).Select(i => i + 1000f)], [.. Enumerable.Repeat((byte)255, terms)]);
        scaled.ShouldBeInOrder();
        scaled.Sum(w => w * 255L).ShouldBeInRange(ushort.MaxValue - 510, ushort.MaxValue);
    }

    [Fact]
    public void Exact_ranking_uses_the_weights_themselves()
    {
        var builder = new YardstickBuilder(2, Quantisation.Of(0.9f, allIntegers: false));
        builder.Add([0], [0.8999f]);
        builder.Add([0, 1], [0.9f, 0f]);
        var (_, exact) = builder.Build();
        exact.Search([0, 1], [2f, 1f], 5).Select(r => r.Row).ShouldBe([1, 0]);
    }
}
