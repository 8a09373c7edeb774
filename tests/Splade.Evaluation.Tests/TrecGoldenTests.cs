using System.Text.Json;
using Splade.Tests;

namespace Splade.Evaluation.Tests;

/// <summary>Measures against trec_eval's own.</summary>
public sealed class TrecGoldenTests
{
    [SkippableTheory]
    [InlineData("small", "small.run.txt")]
    [InlineData("big", "big.run.txt.gz")]
    [InlineData("cranfield-bm25", "cranfield-bm25.run.txt.gz")]
    public void Every_query_measures_as_trec_eval_does(string set, string runFile)
    {
        var judgements = TrecFiles.ReadJudgements(SharedData.Require($"golden/metrics/{set}.qrels.txt"));
        var run = TrecFiles.ReadRun(SharedData.Require($"golden/metrics/{runFile}"));
        using var json = JsonDocument.Parse(File.ReadAllText(SharedData.Require($"golden/metrics/{set}.expected.json")));
        var expected = json.RootElement.GetProperty("trec_eval");
        var compared = 0;
        foreach (var query in expected.GetProperty("per_query").EnumerateObject())
        {
            var ranking = TrecMetrics.Order(run[query.Name]);
            var grades = judgements[query.Name];
            Compare("ndcg_cut_10", TrecMetrics.NdcgAt(10, ranking, grades));
            Compare("ndcg_cut_1000", TrecMetrics.NdcgAt(1000, ranking, grades));
            Compare("recip_rank", TrecMetrics.ReciprocalRankAt(int.MaxValue, ranking, grades));
            Compare("recall_100", TrecMetrics.RecallAt(100, ranking, grades));
            Compare("recall_1000", TrecMetrics.RecallAt(1000, ranking, grades));
            Compare("map", TrecMetrics.AveragePrecision(ranking, grades));
            Compare("P_10", TrecMetrics.PrecisionAt(10, ranking, grades));

            void Compare(string measure, double actual)
            {
                if (query.Value.TryGetProperty(measure, out var value))
                {
                    actual.ShouldBe(value.GetDouble(), 1e-9, $"{measure} of {query.Name}");
                    compared++;
                }
            }
        }

        compared.ShouldBeGreaterThan(60);
        var means = expected.GetProperty("mean_over_queries_in_both");
        var report = EvaluationReport.Of(run, judgements);
        report.Ndcg10.ShouldBe(means.GetProperty("ndcg_cut_10").GetDouble(), 1e-9);
        report.Map.ShouldBe(means.GetProperty("map").GetDouble(), 1e-9);
    }
}
