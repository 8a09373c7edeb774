using Splade.Index.Segments;

namespace Splade.Index.Merging;

/// <summary>
/// Chooses the document order of a merged segment. Similar documents side by side make the bounds of blocks tight, which is what a search prunes by.
/// By pivots: a sample of documents; each document goes to the most similar pivot; pivots lie in a greedy chain of similarity. It costs seconds a
/// million documents, and is nearly as good as true clusters (the README has the measurements). By the field with the most postings; others are in its order.
/// </summary>
internal static class DocumentOrder
{
    private const int MinDocuments = 8 * 1024;
    private const int MaxPivots = 16 * 1024;
    private const int DocumentsPerPivot = 16;

    /// <returns>
    /// For each place of the new order, the place by id of the document that goes there; null for the order of ids, which small segments keep.
    /// </returns>
    public static int[]? Of(
        IReadOnlyList<(Segment Segment, LiveDocs Live)> sources, (int Source, int Document)[] byId, CancellationToken cancellationToken)
    {
        if (byId.Length < MinDocuments || FieldWithMostPostings(sources) is not { } field)
        {
            return null;
        }

        var numbers = new int[sources.Count][];
        for (var s = 0; s < sources.Count; s++)
        {
            Array.Fill(numbers[s] = new int[sources[s].Segment.DocumentCount], -1);
        }

        for (var i = 0; i < byId.Length; i++)
        {
            numbers[byId[i].Source][byId[i].Document] = i;
        }

        var documents = StrongestTerms.Of([.. sources.Select(s => s.Segment.Field(field))], numbers, byId.Length, cancellationToken);
        var pivots = new Pivots(documents, Math.Clamp(byId.Length / DocumentsPerPivot, 16, MaxPivots));
        var clusters = new int[byId.Length];
        Parallel.For(
            0,
            (byId.Length + 1023) / 1024,
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            () => new float[pivots.Count],
            (chunk, _, scores) =>
            {
                for (var d = chunk * 1024; d < Math.Min(byId.Length, (chunk + 1) * 1024); d++)
                {
                    clusters[d] = pivots.MostSimilar(documents.Terms(d), documents.Impacts(d), scores);
                }

                return scores;
            },
            _ => { });

        var places = pivots.Chain();
        var keys = Array.ConvertAll(clusters, c => places[c]);
        var order = new int[byId.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        // By cluster, then by id: a stable order.
        Array.Sort(Array.ConvertAll(order, i => ((long)keys[i] << 32) | (uint)i), order);
        return order;
    }

    /// <summary>One order serves all fields: it follows the one in which searches have most to skip.</summary>
    private static string? FieldWithMostPostings(IReadOnlyList<(Segment Segment, LiveDocs Live)> sources) =>
        sources.SelectMany(s => s.Segment.Fields)
            .GroupBy(f => f.Name, StringComparer.Ordinal)
            .OrderByDescending(g => g.Sum(f => f.CountPostings()))
            .ThenBy(g => g.Key, StringComparer.Ordinal)
            .FirstOrDefault()?.Key;
}
