namespace Splade.Node.Rest.Errors;

/// <summary>Suggestions for a misspelt name.</summary>
internal static class DidYouMean
{
    /// <summary><c> did you mean [x]?</c> with a leading blank and <paramref name="lead"/>, or nothing when no candidate is near.</summary>
    public static string Suggest(string name, IEnumerable<string> candidates, string lead = "")
    {
        var ranked = candidates
            .Select(c => (Name: c, Similarity: Similarity(name, c)))
            .Where(c => c.Similarity > 0.5)
            .OrderByDescending(c => c.Similarity)
            .ThenBy(c => c.Name, StringComparer.Ordinal)
            .ToArray();

        // Names that are alike by their common prefix only are no candidates beside a much nearer one.
        var near = ranked.Where(c => c.Similarity > ranked[0].Similarity - 0.15).Select(c => c.Name).Take(3).ToArray();
        return near.Length switch
        {
            0 => "",
            1 => $"{lead} did you mean [{near[0]}]?",
            _ => $"{lead} did you mean any of [{string.Join(", ", near)}]?",
        };
    }

    /// <summary>What follows an unknown name: the suggestion, and all names that there are.</summary>
    public static string SuggestOrList(string name, IEnumerable<string> candidates)
    {
        var suggestion = Suggest(name, candidates);
        return $"{(suggestion.Length == 0 ? "; supported" : suggestion + " Supported")} are [{string.Join(", ", candidates)}]";
    }

    /// <summary>1 - edit distance / longer length.</summary>
    private static double Similarity(string a, string b)
    {
        var longer = Math.Max(a.Length, b.Length);
        if (longer == 0 || longer > 100)
        {
            return 0;
        }

        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        var current = new int[b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(substituted, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return 1 - ((double)previous[b.Length] / longer);
    }
}
