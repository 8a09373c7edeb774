using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Search;

public sealed class TopDocumentsTests
{
    private const int Documents = 3000;

    /// <summary>A known score is told before, between and after documents; the best are the same, and the threshold never passes them.</summary>
    [Fact]
    public void Known_scores_leave_the_best_documents()
    {
        var ranks = new DocumentRanks("ranks", Documents);
        var best = new TopDocuments();
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 300]).Sample(
            sample =>
            {
                var random = new Random(sample.Item1);
                var k = sample.Item2;
                var scores = Enumerable.Range(0, random.Next(k, Documents)).Select(_ => random.Next(2) == 0 ? random.Next(1, 50) : 1 + (random.NextDouble() * 100)).ToArray();
                var expected = scores.Select((s, d) => (Score: s, Document: d)).OrderByDescending(s => s.Score).ThenBy(s => s.Document).Take(k).ToArray();
                best.Reset(ranks, k, random.Next(2) == 0 ? 0 : expected[^1].Score * random.NextDouble(), ceiling: 120);
                for (var d = 0; d < scores.Length; d++)
                {
                    if (random.Next(20) == 0)
                    {
                        best.Raise(expected[^1].Score * (random.Next(3) == 0 ? 1 : random.NextDouble()));
                    }

                    best.Add(scores[d], d);
                }

                best.Threshold.ShouldBeLessThanOrEqualTo(expected[^1].Score);
                best.Finish();
                best.Entries.ToArray().Select(e => (e.Score, e.Document)).ShouldBe(expected);
            },
            iter: 300,
            threads: 1);
    }
}
