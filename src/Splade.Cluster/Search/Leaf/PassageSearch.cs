using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Search;
using Splade.Index;

namespace Splade.Cluster.Search.Leaf;

/// <summary>
/// Searches of one shard in which documents score as their best passage. The best k of all passages are among the best k of the first passages, of the second
/// ones and so on, so there is one search for each, of ever fewer documents, and it is as exact as they are.
/// </summary>
internal static class PassageSearch
{
    /// <inheritdoc cref="IndexReader.Search(Query, int, Index.SearchOptions, CancellationToken)"/>
    public static TopHits Run(IndexReader reader, Query query, int k, Index.SearchOptions options, CancellationToken cancellationToken)
    {
        if (query is not BestPassageQuery best)
        {
            return reader.Search(query, k, options, cancellationToken);
        }

        var variants = Variants(reader, best).ToList();
        var top = reader.Search(variants[0], k, options, cancellationToken);
        if (variants.Count == 1)
        {
            return top;
        }

        var scores = top.Hits.ToDictionary(h => h.Id, h => h.Score, StringComparer.Ordinal);
        var statistics = top.Statistics;
        foreach (var variant in variants.Skip(1))
        {
            var found = reader.Search(variant, k, options with { CountLimit = 0, MinScore = Floor(scores, k, options.MinScore) }, cancellationToken);
            foreach (var hit in found.Hits)
            {
                scores[hit.Id] = Math.Max(hit.Score, scores.GetValueOrDefault(hit.Id));
            }

            statistics += found.Statistics;
        }

        // A document may match by any of its passages.
        var matches = top.TotalIsLowerBound
            ? top
            : reader.Search(new SumQuery([.. variants.SelectMany(Clauses).Distinct()], query.Boost), 0, options, cancellationToken);
        var hits = scores.Select(s => new Hit(s.Key, s.Value)).ToArray();
        Array.Sort(hits, static (a, b) => HitOrder.Compare(a.Score, a.Id, b.Score, b.Id));
        return new TopHits([.. hits.Take(k)], matches.Total, matches.TotalIsLowerBound, statistics);
    }

    /// <summary>What the k-th best document has by now: other passages that score less need not be found.</summary>
    private static double Floor(Dictionary<string, double> scores, int k, double least) =>
        k > 0 && scores.Count >= k ? scores.Values.OrderDescending().ElementAt(k - 1) : least;

    /// <summary>By the best passage; its field names it.</summary>
    public static ScoreExplanation? Explain(IndexReader reader, Query query, string id) => query is BestPassageQuery best
        ? Variants(reader, best).Select(v => reader.Explain(v, id)).MaxBy(e => e?.Score)
        : reader.Explain(query, id);

    /// <summary>Whether a document has so many passages.</summary>
    public static bool Has(IndexReader reader, string field, int passages)
    {
        var term = new SparseVectorQuery(PassageFields.Numbers(field), [new FeatureWeight(PassageFields.Feature(passages), 1f)]);
        return reader.Search(term, 0, Index.SearchOptions.Exact with { CountLimit = 1 }).Total > 0;
    }

    /// <summary>The query for each combination of passages that some document has, that of the first passages first.</summary>
    private static IEnumerable<Query> Variants(IndexReader reader, BestPassageQuery best)
    {
        IEnumerable<Query> variants = [best.Query];
        foreach (var field in best.Fields)
        {
            var passages = 1;
            while (Has(reader, field, passages + 1))
            {
                passages++;
            }

            variants = variants.SelectMany(v => Enumerable.Range(1, passages).Select(p => WithPassage(v, field, p)));
        }

        return variants;
    }

    private static Query WithPassage(Query query, string field, int passage) => passage == 1 ? query : query switch
    {
        SparseVectorQuery one when one.Field == field => one with { Field = PassageFields.Of(field, passage) },
        SparseVectorQuery rest when rest.Field == StaticPruning.RestField(field) => rest with { Field = StaticPruning.RestField(PassageFields.Of(field, passage)) },
        SumQuery sum => sum with { Clauses = [.. sum.Clauses.Select(c => (SparseVectorQuery)WithPassage(c, field, passage))] },
        _ => query,
    };

    private static IEnumerable<SparseVectorQuery> Clauses(Query query) => query is SumQuery sum ? sum.Clauses : [(SparseVectorQuery)query];
}
