using System.Text;
using Splade.Index.Codecs;
using Splade.Index.Search;

namespace Splade.Index.Tests;

/// <summary>A brute force for corpora of thousands of documents: impacts are computed once, a query is a loop over all documents.</summary>
internal sealed class SearchOracle(int smallestExponent)
{
    private readonly SortedDictionary<string, Dictionary<string, (int Exponent, Dictionary<string, byte> Impacts)>> _documents = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Ids => _documents.Keys;

    public void Index(IndexDocument document) => _documents[document.Id] = document.Fields.Where(f => f.Features.Length > 0).ToDictionary(
        f => f.Name,
        f =>
        {
            var exponent = Impact.Exponent(f.Features.Max(x => x.Weight), smallestExponent);
            return (exponent, f.Features.GroupBy(x => x.Feature).ToDictionary(g => g.Key, g => Impact.Encode(g.Max(x => x.Weight), exponent)));
        });

    public void Delete(string id) => _documents.Remove(id);

    /// <summary>Every matching document with its score, in order.</summary>
    public List<Hit> Search(Query query, Func<string, bool>? filter = null)
    {
        var prepared = PreparedQuery.Of(query);
        var hits = new List<Hit>();
        foreach (var (id, fields) in _documents)
        {
            if ((filter is null || filter(id)) && Score(prepared, fields) is { } score)
            {
                hits.Add(new Hit(id, score));
            }
        }

        // A stable sort of what is in the order of ids already.
        return [.. hits.OrderByDescending(h => h.Score)];
    }

    public bool Has(string id, string field, string feature) => _documents[id].TryGetValue(field, out var vector) && vector.Impacts.ContainsKey(feature);

    public long CountFrom(string field, string feature, float weight) => _documents.Values.Count(fields =>
        fields.TryGetValue(field, out var vector) && vector.Impacts.TryGetValue(feature, out var impact) && Impact.Decode(impact, vector.Exponent) >= weight);

    private static double? Score(PreparedQuery query, Dictionary<string, (int Exponent, Dictionary<string, byte> Impacts)> fields)
    {
        double? score = null;
        foreach (var clause in query.Clauses)
        {
            if (!fields.TryGetValue(clause.Field, out var vector))
            {
                continue;
            }

            ulong sum = 0;
            var found = false;
            foreach (var feature in query.FeaturesOf(clause))
            {
                if (vector.Impacts.TryGetValue(Encoding.UTF8.GetString(query.NameOf(feature)), out var impact))
                {
                    sum += (ulong)feature.Weight * impact;
                    found = true;
                }
            }

            if (found)
            {
                score = (score ?? 0) + (sum * (clause.Step * Math.Pow(2, vector.Exponent)));
            }
        }

        return score;
    }
}
