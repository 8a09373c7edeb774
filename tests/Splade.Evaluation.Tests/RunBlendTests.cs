using CsCheck;

namespace Splade.Evaluation.Tests;

public sealed class RunBlendTests
{
    [Fact]
    public void Scores_are_added_as_z_scores_and_what_a_list_lacks_counts_as_its_lowest()
    {
        // a: mean 2, deviation 1; b: mean 30, deviation sqrt(600 / 3).
        var blend = RunBlend.ZScoreSum([Run(("d1", 3), ("d2", 1)), Run(("d1", 40), ("d3", 30), ("d2", 20))])["q"];
        var edge = 10 / Math.Sqrt(200.0 / 3);
        blend.Select(d => d.Id).ShouldBe(["d1", "d3", "d2"]);
        blend.Select(d => d.Score).ShouldBe([1 + edge, -1 + 0, -1 - edge], 1e-12);
    }

    [Fact]
    public void Weights_multiply_the_z_scores_of_their_run()
    {
        var (first, second) = (Run(("d1", 3), ("d2", 1)), Run(("d2", 40), ("d1", 20)));
        RunBlend.ZScoreSum([first, second], [0.75, 0.25])["q"].ShouldBe([("d1", 0.5), ("d2", -0.5)]);
        RunBlend.ZScoreSum([first, second], [1, 0])["q"].ShouldBe([("d1", 1), ("d2", -1)]);
        RunBlend.ZScoreSum([first, second], [1, 1])["q"].ShouldBe(RunBlend.ZScoreSum([first, second])["q"]);
        Should.Throw<ArgumentException>(() => RunBlend.ZScoreSum([first, second], [1])).Message.ShouldContain("2 runs and 1 weights");
    }

    [Fact]
    public void Equal_scores_and_empty_lists_decide_nothing()
    {
        RunBlend.ZScoreSum([Run(("d1", 5), ("d2", 5)), Run(("d2", 9), ("d1", 1))])["q"].Select(d => d.Id).ShouldBe(["d2", "d1"]);
        RunBlend.ZScoreSum([Run(), Run(("d2", 9), ("d1", 1))])["q"].Select(d => d.Score).ShouldBe([1, -1], 1e-12);
        RunBlend.ZScoreSum([Run(), Run()])["q"].ShouldBeEmpty();
    }

    [Fact]
    public void Scale_and_offset_of_a_system_do_not_matter() =>
        Gen.Select(Gen.Double[0.1, 10].Array[2, 20], Gen.Double[0.1, 10].Array[2, 20], Gen.Double[0.1, 100], Gen.Double[-50, 50]).Sample((first, second, scale, offset) =>
        {
            var plain = RunBlend.ZScoreSum([Of(first), Of(second)])["q"].ToDictionary(d => d.Id, d => d.Score);
            var moved = RunBlend.ZScoreSum([Of(first), Of([.. second.Select(s => (s * scale) + offset)])])["q"].ToDictionary(d => d.Id, d => d.Score);
            plain.Keys.ShouldBe(moved.Keys, ignoreOrder: true);
            foreach (var (id, score) in plain)
            {
                moved[id].ShouldBe(score, 1e-6);
            }

            static Dictionary<string, IReadOnlyList<(string Id, double Score)>> Of(double[] scores) => Run([.. scores.Select((s, i) => ($"d{i}", s))]);
        });

    [Fact]
    public void A_paired_difference_has_the_standard_error_of_its_mean()
    {
        // Differences 1, 2, 3: mean 2, sample deviation 1.
        var difference = PairedDifference.Of([1, 1, 1], [2, 3, 4]);
        difference.Mean.ShouldBe(2);
        difference.StandardError.ShouldBe(1 / Math.Sqrt(3), 1e-12);
        PairedDifference.Of([1], [3]).ShouldBe(new PairedDifference(2, 0));
        Should.Throw<ArgumentException>(() => PairedDifference.Of([1], []));
    }

    private static Dictionary<string, IReadOnlyList<(string Id, double Score)>> Run(params (string Id, double Score)[] results) => new(StringComparer.Ordinal) { ["q"] = results };
}
