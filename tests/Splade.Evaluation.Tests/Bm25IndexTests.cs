using CsCheck;

namespace Splade.Evaluation.Tests;

public sealed class Bm25IndexTests
{
    [Fact]
    public void A_score_is_that_of_the_formula_and_a_repeated_query_term_counts_twice()
    {
        var index = new Bm25Index([("d1", ["sky", "blue", "sky"]), ("d2", ["sea"]), ("d3", ["blue", "sea"])], new Bm25Parameters(1.2, 0.75));

        // Three documents of 3, 1 and 2 terms; sky is in one of them, blue in two.
        var norm = 1.2 * (0.25 + (0.75 * 3 / 2.0));
        var sky = Math.Log(1 + (2.5 / 1.5)) * 2 / (2 + norm);
        index.Search(["sky"], 10).ShouldBe([("d1", sky)]);
        index.Search(["sky", "none", "sky"], 10).ShouldBe([("d1", 2 * sky)]);
        index.Search(["sky", "blue"], 10).Select(h => h.Id).ShouldBe(["d1", "d3"]);
        index.Search(["sky", "blue"], 1).Select(h => h.Id).ShouldBe(["d1"]);
        index.Search(["none"], 10).ShouldBeEmpty();
        index.Search([], 10).ShouldBeEmpty();
    }

    [Fact]
    public void Hits_are_those_of_brute_force_again_and_again_with_ties_by_id()
    {
        var terms = Gen.Char['a', 'f'].Select(c => c.ToString()).Array[0, 12];
        Gen.Select(terms.Array[1, 20], terms.Array[1, 4], Gen.Double[0.1, 3], Gen.Double[0, 1], Gen.Int[0, 25]).Sample((documents, queries, k1, b, k) =>
        {
            var index = new Bm25Index(documents.Select((d, i) => (i.ToString("00", null), (IReadOnlyList<string>)d)), new Bm25Parameters(k1, b));
            var average = Math.Max(1, documents.Average(d => d.Length));
            foreach (var query in queries)
            {
                var expected = documents.Select((d, i) => (Id: i.ToString("00", null), Score: query.Distinct().Sum(t => Score(d, t, query.Count(q => q == t)))))
                    .Where(h => h.Score > 0).OrderByDescending(h => h.Score).ThenBy(h => h.Id, StringComparer.Ordinal).Take(k).ToArray();
                var hits = index.Search(query, k);
                hits.Select(h => h.Id).ShouldBe(expected.Select(h => h.Id));
                hits.Select(h => h.Score).ShouldBe(expected.Select(h => h.Score), 1e-12);
            }

            double Score(string[] document, string term, int count)
            {
                var (frequency, holders) = (document.Count(t => t == term), documents.Count(d => d.Contains(term)));
                return frequency == 0 ? 0 : count * Math.Log(1 + ((documents.Length - holders + 0.5) / (holders + 0.5))) * frequency / (frequency + (k1 * (1 - b + (b * document.Length / average))));
            }
        });
    }

    [Fact]
    public void What_makes_no_index_is_refused()
    {
        new Bm25Index([], new Bm25Parameters()).Search(["a"], 10).ShouldBeEmpty();
        Should.Throw<ArgumentException>(() => new Bm25Index([("d", []), ("d", [])], new Bm25Parameters())).Message.ShouldContain("d is there twice");
        foreach (var (k1, b) in new[] { (0, 0.5), (double.NaN, 0.5), (1, -0.1), (1, 1.1), (1, double.NaN) })
        {
            Should.Throw<ArgumentException>(() => new Bm25Index([], new Bm25Parameters(k1, b))).Message.ShouldContain("k1 above 0");
        }
    }
}
