using System.Collections.Immutable;
using System.Text;
using Splade.Index.Segments;

namespace Splade.Index.Tests;

/// <summary>A brute-force index: a dictionary of documents, scored one by one.</summary>
internal sealed class Oracle
{
    private readonly Dictionary<string, IndexDocument> _documents = [];

    public IEnumerable<string> Ids => _documents.Keys;

    public int Count => _documents.Count;

    public void Index(IndexDocument document) => _documents[document.Id] = document;

    public bool Delete(string id) => _documents.Remove(id);

    public IndexDocument? Get(string id) => _documents.GetValueOrDefault(id);

    public TopHits Search(Query query, int k)
    {
        var matching = _documents.Values.Select(d => (d.Id, Score: Score(query, d))).Where(h => h.Score is not null)
            .Select(h => new Hit(h.Id, h.Score!.Value))
            .OrderByDescending(h => h.Score).ThenBy(h => Encoding.UTF8.GetBytes(h.Id), Utf8Comparer.Instance).ToArray();
        return new TopHits([.. matching.Take(k)], matching.Length);
    }

    private static float? Score(Query query, IndexDocument document)
    {
        if (query is MatchAllQuery all)
        {
            return all.Boost;
        }

        if (query is not SparseVectorQuery sparse)
        {
            return null;
        }

        var weights = document.Fields.Where(f => f.Name == sparse.Field).SelectMany(f => f.Features)
            .GroupBy(f => f.Feature).ToDictionary(g => g.Key, g => g.Max(f => f.Weight));
        float? score = null;
        foreach (var feature in sparse.Features.GroupBy(f => f.Feature)
            .OrderBy(g => Encoding.UTF8.GetBytes(g.Key), Utf8Comparer.Instance))
        {
            var weight = feature.Aggregate(0f, (sum, f) => sum + f.Weight) * sparse.Boost;
            if (weight > 0 && weights.TryGetValue(feature.Key, out var documentWeight))
            {
                score = (score ?? 0f) + (weight * WeightCode.Decode(WeightCode.Encode(documentWeight)));
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
