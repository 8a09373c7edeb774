using System.Text;
using Splade.Index.Codecs;
using Splade.Index.Search;

namespace Splade.Index.Tests;

/// <summary>A brute-force index: a dictionary of documents, scored one by one with integer arithmetic.</summary>
internal sealed class Oracle(int smallestExponent = Impact.MinExponent)
{
    private readonly Dictionary<string, IndexDocument> _documents = [];

    public IEnumerable<string> Ids => _documents.Keys;

    public int Count => _documents.Count;

    public void Index(IndexDocument document) => _documents[document.Id] = document;

    public bool Delete(string id) => _documents.Remove(id);

    public IndexDocument? Get(string id) => _documents.GetValueOrDefault(id);

    /// <summary>All matching documents in their order, at most k as hits.</summary>
    /// <param name="query">What to search.</param>
    /// <param name="k">Hits wanted.</param>
    /// <param name="filter">What a document must match besides, without a score; null for nothing.</param>
    public (IReadOnlyList<Hit> Hits, long Total) Search(Query query, int k, Query? filter = null)
    {
        var matching = _documents.Values
            .Where(d => filter is null || Score(filter, d) is not null)
            .Select(d => (d.Id, Score: Score(query, d))).Where(h => h.Score is not null)
            .Select(h => new Hit(h.Id, h.Score!.Value))
            .OrderByDescending(h => h.Score).ThenBy(h => Encoding.UTF8.GetBytes(h.Id), Utf8Comparer.Instance).ToArray();
        return ([.. matching.Take(k)], matching.Length);
    }

    private double? Score(Query query, IndexDocument document) => query switch
    {
        MatchAllQuery all => all.Boost,
        MatchNoneQuery => null,
        _ => Sum(PreparedQuery.Of(query), document),
    };

    private double? Sum(PreparedQuery query, IndexDocument document)
    {
        double? score = null;
        foreach (var clause in query.Clauses)
        {
            var weights = document.Fields.Where(f => f.Name == clause.Field).SelectMany(f => f.Features)
                .GroupBy(f => f.Feature).ToDictionary(g => g.Key, g => g.Max(f => f.Weight));
            if (weights.Count == 0)
            {
                continue;
            }

            var exponent = Impact.Exponent(weights.Values.Max(), smallestExponent);
            ulong? sum = null;
            foreach (var feature in query.FeaturesOf(clause))
            {
                if (weights.TryGetValue(Encoding.UTF8.GetString(query.NameOf(feature)), out var weight))
                {
                    sum = (sum ?? 0) + ((ulong)feature.Weight * Impact.Encode(weight, exponent));
                }
            }

            if (sum is { } found)
            {
                found.ShouldBeLessThanOrEqualTo(uint.MaxValue);
                score = (score ?? 0) + (found * (clause.Step * Math.Pow(2, exponent)));
            }
        }

        return score;
    }

    private sealed class Utf8Comparer : IComparer<byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
