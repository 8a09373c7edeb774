using Splade.Cli.Commands;
using Splade.Tests;

namespace Splade.Cli.Tests.Commands;

public sealed class RunComparisonTests
{
    [Fact]
    public void Runs_are_measured_alone_and_together_over_all_judged_queries()
    {
        using var folder = new TemporaryFolder();
        var judgements = new Dictionary<string, Dictionary<string, int>> { ["q1"] = new() { ["d1"] = 1 }, ["q2"] = new() { ["d2"] = 1 } };
        var rows = RunComparison.Of(
            [Write("a.trec", "q1 Q0 d1 1 9 a", "q1 Q0 d3 2 1 a"), Write("b.trec", "q1 Q0 d3 1 2 b", "q1 Q0 d1 2 1 b", "q2 Q0 d2 1 5 b")], judgements);
        rows.Select(r => r.Name).ShouldBe(["a.trec", "b.trec", RunComparison.Sum]);
        rows.ShouldAllBe(r => r.Report.Queries == 2);

        // a has nothing for q2; b has d1 second: 1 / log2(3).
        rows[0].Report.Ndcg10.ShouldBe(0.5);
        rows[1].Report.Ndcg10.ShouldBe((1 + (1 / Math.Log2(3))) / 2, 1e-12);
        rows[0].Ndcg10.Mean.ShouldBe(0);
        rows[1].Ndcg10.Mean.ShouldBe(rows[1].Report.Ndcg10 - 0.5, 1e-12);
        rows[2].Report.Recall100.ShouldBe(1);
        RunComparison.Of([Write("c.trec", "q1 Q0 d1 1 9 c")], judgements).Count.ShouldBe(1);
        Should.Throw<FormatException>(() => RunComparison.Of([Write("d.trec", "no run")], judgements)).Message.ShouldContain("line 1");

        string Write(string name, params string[] lines)
        {
            var path = Path.Combine(folder.Path, name);
            File.WriteAllLines(path, lines);
            return path;
        }
    }

    [Fact]
    public void Weights_are_one_number_for_each_run()
    {
        RunComparison.Weights(null, 2).ShouldBeNull();
        RunComparison.Weights("0.8, 0.2", 2).ShouldBe([0.8, 0.2]);
        foreach (var wrong in new[] { "", "1", "1,2,3", "1,x", "1,,2", "1,NaN" })
        {
            Should.Throw<CliException>(() => RunComparison.Weights(wrong, 2)).Message.ShouldContain("expected 2 numbers");
        }
    }
}
