namespace Splade.Evaluation;

/// <summary>Measures of one query, as trec_eval defines them. A document is relevant when its grade is above 0.</summary>
public static class TrecMetrics
{
    /// <summary>Orders a ranking as trec_eval does: score as float32 descending, ties by id in descending byte order. Ranks are ignored.</summary>
    public static IReadOnlyList<string> Order(IEnumerable<(string Id, double Score)> results) =>
        [.. results.OrderByDescending(r => (float)r.Score).ThenByDescending(r => System.Text.Encoding.UTF8.GetBytes(r.Id), Utf8Order.Instance).Select(r => r.Id)];

    /// <summary>Discounted cumulative gain at k over that of the ideal ranking; gain = grade, discount log2(rank + 1) (Järvelin and Kekäläinen 2002).</summary>
    public static double NdcgAt(int k, IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> grades)
    {
        var ideal = Dcg(grades.Values.Where(g => g > 0).OrderDescending().Take(k));
        return ideal == 0 ? 0 : Dcg(ranking.Take(k).Select(id => Math.Max(0, grades.GetValueOrDefault(id)))) / ideal;
    }

    /// <summary>Reciprocal rank of the first relevant document among the first k.</summary>
    public static double ReciprocalRankAt(int k, IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> grades)
    {
        for (var i = 0; i < Math.Min(k, ranking.Count); i++)
        {
            if (grades.GetValueOrDefault(ranking[i]) > 0)
            {
                return 1.0 / (i + 1);
            }
        }

        return 0;
    }

    /// <summary>Share of the relevant documents among the first k.</summary>
    public static double RecallAt(int k, IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> grades)
    {
        var relevant = grades.Values.Count(g => g > 0);
        return relevant == 0 ? 0 : (double)ranking.Take(k).Count(id => grades.GetValueOrDefault(id) > 0) / relevant;
    }

    /// <summary>Share of relevant documents among the first k; divides by k even where there are fewer results.</summary>
    public static double PrecisionAt(int k, IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> grades) =>
        (double)ranking.Take(k).Count(id => grades.GetValueOrDefault(id) > 0) / k;

    /// <summary>Mean of the precision at each relevant document; those not found count 0.</summary>
    public static double AveragePrecision(IReadOnlyList<string> ranking, IReadOnlyDictionary<string, int> grades)
    {
        var relevant = grades.Values.Count(g => g > 0);
        var found = 0;
        var sum = 0.0;
        for (var i = 0; i < ranking.Count; i++)
        {
            if (grades.GetValueOrDefault(ranking[i]) > 0)
            {
                sum += (double)++found / (i + 1);
            }
        }

        return relevant == 0 ? 0 : sum / relevant;
    }

    private static double Dcg(IEnumerable<int> gains) => gains.Select((gain, i) => gain / Math.Log2(i + 2)).Sum();

    private sealed class Utf8Order : IComparer<byte[]>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
