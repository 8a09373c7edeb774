namespace Splade.Evaluation.Tests;

public sealed class TrecMetricsTests
{
    private static readonly Dictionary<string, int> Grades = new() { ["a"] = 2, ["b"] = 1, ["c"] = 0, ["d"] = -1 };

    [Fact]
    public void Measures_of_a_hand_made_case()
    {
        string[] ranking = ["c", "a", "x", "b"];
        TrecMetrics.NdcgAt(10, ranking, Grades).ShouldBe(((2 / Math.Log2(3)) + (1 / Math.Log2(5))) / (2 + (1 / Math.Log2(3))), 1e-12);
        TrecMetrics.ReciprocalRankAt(10, ranking, Grades).ShouldBe(0.5);
        TrecMetrics.ReciprocalRankAt(1, ranking, Grades).ShouldBe(0);
        TrecMetrics.RecallAt(2, ranking, Grades).ShouldBe(0.5);
        TrecMetrics.AveragePrecision(ranking, Grades).ShouldBe((0.5 + 0.5) / 2);
        TrecMetrics.PrecisionAt(10, ranking, Grades).ShouldBe(0.2);
    }

    [Fact]
    public void Ties_are_ordered_by_descending_id_on_single_precision() =>
        TrecMetrics.Order([("a", 1.00000002), ("c", 1.00000001), ("b", 2)]).ShouldBe(["b", "c", "a"]);

    [Fact]
    public void Nothing_relevant_is_zero_and_not_an_error()
    {
        TrecMetrics.NdcgAt(10, ["a"], new Dictionary<string, int> { ["a"] = 0 }).ShouldBe(0);
        TrecMetrics.AveragePrecision([], Grades).ShouldBe(0);
        EvaluationReport.Of(new Dictionary<string, IReadOnlyList<(string, double)>>(), new Dictionary<string, Dictionary<string, int>>()).Queries.ShouldBe(0);
    }

    [Fact]
    public void Runs_round_trip_and_malformed_lines_are_named()
    {
        var path = Path.GetTempFileName();
        try
        {
            TrecFiles.WriteRun(path, [("q1", [("d1", 39_227_258), ("d2", 0.1)])], "tag");
            TrecFiles.ReadRun(path)["q1"].ShouldBe([("d1", 39_227_258), ("d2", 0.1)]);
            File.ReadAllText(path).ShouldBe("q1 Q0 d1 1 39227258 tag\nq1 Q0 d2 2 0.1 tag\n");
            File.WriteAllText(path, "q1 Q0 d1 1 3.5 tag\nq1 Q0 d1 2 3.4 tag\n");
            Should.Throw<FormatException>(() => TrecFiles.ReadRun(path)).Message.ShouldContain("line 2");
            File.WriteAllText(path, "q1 Q0 d1\n");
            Should.Throw<FormatException>(() => TrecFiles.ReadRun(path)).Message.ShouldContain("line 1");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
