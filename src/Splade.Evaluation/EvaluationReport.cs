namespace Splade.Evaluation;

/// <summary>Means over the queries that have judgements and were searched, trec_eval's default.</summary>
public sealed record EvaluationReport(int Queries, double Ndcg10, double Mrr10, double Recall100, double Recall1000, double Map)
{
    /// <param name="run">Results by query, any order.</param>
    /// <param name="judgements">Grades by query and document.</param>
    public static EvaluationReport Of(
        IReadOnlyDictionary<string, IReadOnlyList<(string Id, double Score)>> run, IReadOnlyDictionary<string, Dictionary<string, int>> judgements)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(judgements);
        var judged = run.Where(r => judgements.ContainsKey(r.Key)).Select(r => (Ranking: TrecMetrics.Order(r.Value), Grades: judgements[r.Key])).ToArray();
        return judged.Length == 0 ? new EvaluationReport(0, 0, 0, 0, 0, 0) : new EvaluationReport(
            judged.Length,
            judged.Average(q => TrecMetrics.NdcgAt(10, q.Ranking, q.Grades)),
            judged.Average(q => TrecMetrics.ReciprocalRankAt(10, q.Ranking, q.Grades)),
            judged.Average(q => TrecMetrics.RecallAt(100, q.Ranking, q.Grades)),
            judged.Average(q => TrecMetrics.RecallAt(1000, q.Ranking, q.Grades)),
            judged.Average(q => TrecMetrics.AveragePrecision(q.Ranking, q.Grades)));
    }
}
