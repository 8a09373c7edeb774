using System.Collections.Immutable;
using Splade.Index;

namespace Splade.Benchmarks.Soak;

/// <summary>A document as the oracle keeps it: two fields of integer weights, which the engine scores without rounding.</summary>
internal sealed record SoakDocument(string Id, long Version, (int Term, int Weight)[] Model, (int Term, int Weight)[] Text)
{
    public const int Terms = 400;

    public IndexDocument ToIndexDocument() => new(
        Id, Version, Version, System.Text.Encoding.UTF8.GetBytes($"{{\"v\":{Version}}}"), [Field("model", Model), Field("text", Text)]);

    public static string Name(int term) => $"t{term}";

    private static SparseField Field(string name, (int Term, int Weight)[] vector) =>
        new(name, [.. vector.Select(f => new FeatureWeight(Name(f.Term), f.Weight))]);
}

/// <summary>A query for engine and oracle.</summary>
internal sealed record SoakQuery(int[] Model, int[] Text)
{
    public Query ToQuery() => (Clause("model", Model), Clause("text", Text)) switch
    {
        ({ } model, { } text) => new SumQuery([model, text]),
        ({ } model, null) => model,
        (_, var text) => text!,
    };

    public long Score(SoakDocument document) => Sum(Model, document.Model) + Sum(Text, document.Text);

    private static SparseVectorQuery? Clause(string field, int[] weights)
    {
        var features = weights.Select((w, t) => new FeatureWeight(SoakDocument.Name(t), w)).Where(f => f.Weight > 0).ToImmutableArray();
        return features.IsEmpty ? null : new SparseVectorQuery(field, features);
    }

    private static long Sum(int[] weights, (int Term, int Weight)[] vector)
    {
        var sum = 0L;
        foreach (var (term, weight) in vector)
        {
            sum += weights[term] * weight;
        }

        return sum;
    }
}

/// <summary>All documents at one time, immutable.</summary>
internal sealed record SoakOracle(ImmutableDictionary<string, SoakDocument> Documents)
{
    public static SoakOracle Empty { get; } = new(ImmutableDictionary.Create<string, SoakDocument>(StringComparer.Ordinal));

    /// <summary>All that match, in order: score descending, id ascending.</summary>
    public List<(long Score, string Id)> Search(SoakQuery query, SoakQuery? filter)
    {
        var matching = new List<(long Score, string Id)>();
        foreach (var document in Documents.Values)
        {
            if (query.Score(document) is > 0 and var score && (filter is null || filter.Score(document) > 0))
            {
                matching.Add((score, document.Id));
            }
        }

        matching.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : string.CompareOrdinal(a.Id, b.Id));
        return matching;
    }
}
