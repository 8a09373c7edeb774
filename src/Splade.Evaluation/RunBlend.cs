namespace Splade.Evaluation;

/// <summary>Blends the results of several systems, to see what they would be worth together.</summary>
public static class RunBlend
{
    /// <summary>
    /// Sum of the scores as z-scores: in each list of a query a score becomes (score - mean) / standard deviation (of the list; 1 where all are equal), and a
    /// document that a list does not have gets the list's lowest. A list without results adds nothing.
    /// </summary>
    /// <param name="runs">Results by query, any order.</param>
    /// <param name="weights">A factor for each run; null for 1.</param>
    /// <returns>Results by query, best first; ties by id.</returns>
    /// <exception cref="ArgumentException">There is not one weight for each run.</exception>
    public static Dictionary<string, IReadOnlyList<(string Id, double Score)>> ZScoreSum(
        IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<(string Id, double Score)>>> runs, IReadOnlyList<double>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (weights is not null && weights.Count != runs.Count)
        {
            throw new ArgumentException($"A weight for each run is needed: there are {runs.Count} runs and {weights.Count} weights.", nameof(weights));
        }

        var blend = new Dictionary<string, IReadOnlyList<(string, double)>>(StringComparer.Ordinal);
        foreach (var query in runs.SelectMany(r => r.Keys).Distinct(StringComparer.Ordinal))
        {
            var lists = runs.Select((r, i) => (Scores: Standardised(r.GetValueOrDefault(query) ?? []), Weight: weights?[i] ?? 1)).Where(l => l.Scores.Count > 0)
                .Select(l => (l.Scores, Lowest: l.Scores.Values.Min(), l.Weight)).ToArray();
            blend.Add(query, [.. lists.SelectMany(l => l.Scores.Keys).Distinct(StringComparer.Ordinal)
                .Select(id => (Id: id, Score: lists.Sum(l => l.Weight * l.Scores.GetValueOrDefault(id, l.Lowest))))
                .OrderByDescending(d => d.Score).ThenBy(d => d.Id, StringComparer.Ordinal)]);
        }

        return blend;
    }

    private static Dictionary<string, double> Standardised(IReadOnlyList<(string Id, double Score)> results)
    {
        if (results.Count == 0)
        {
            return [];
        }

        var mean = results.Average(r => r.Score);
        var deviation = Math.Sqrt(results.Average(r => (r.Score - mean) * (r.Score - mean)));
        return results.ToDictionary(r => r.Id, r => (r.Score - mean) / (deviation > 0 ? deviation : 1), StringComparer.Ordinal);
    }
}
