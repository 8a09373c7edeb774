using Splade.Index.Segments;

namespace Splade.Index.Merging;

/// <summary>
/// Chooses the document order of a merged segment. Similar documents side by side make the bounds of blocks tight, which is what a search prunes by.
/// By pivots: a sample of documents, and a second one of those least like any of the first, or topics that it misses would lie everywhere. Each document
/// goes to the most similar pivot, and pivots lie in a greedy chain of similarity. Recursive graph bisection costs thirty times
/// as much and is little better (tests/Splade.Benchmarks/RESULTS.md). Documents of one scale come first, those of others behind them, the commonest first: most of a search needs superblocks of one scale.
/// By the field with the most postings; others are in its order. Segments of fewer documents, which are searched exhaustively or nearly so, are ordered by scale alone.
/// </summary>
internal static class DocumentOrder
{
    private const int MinDocuments = 8 * 1024;
    private const int MinDocumentsByScale = 4 * SegmentFormat.SuperblockSize;
    private const int MaxPivots = 16 * 1024;
    private const int DocumentsPerPivot = 16;

    /// <summary>Share of the documents, those least like any pivot of the first sample, that the second half of the pivots is chosen from.</summary>
    private const double LeastShare = 0.25;

    /// <returns>
    /// For each place of the new order, the place by id of the document that goes there; null for the order of ids, which small segments keep.
    /// </returns>
    public static int[]? Of(
        IReadOnlyList<(Segment Segment, LiveDocs Live)> sources, (int Source, int Document)[] byId, CancellationToken cancellationToken)
    {
        if (byId.Length < MinDocumentsByScale || FieldWithMostPostings(sources) is not { } field)
        {
            return null;
        }

        var exponents = Array.ConvertAll(byId, d => (sbyte?)sources[d.Source].Segment.Field(field)?.Exponent(d.Document) ?? FieldWriter.NoExponent);
        var scales = new ScaleCounts(exponents);
        var ranks = scales.Ranks();
        if (byId.Length < MinDocuments)
        {
            return scales.Distinct > 1 ? Sorted(byId.Length, i => ranks[exponents[i] - sbyte.MinValue]) : null;
        }

        var numbers = SegmentMerger.NewNumbers(sources, byId);
        var documents = StrongestTerms.Of([.. sources.Select(s => s.Segment.Field(field))], numbers, byId.Length, cancellationToken);
        var count = Math.Clamp(byId.Length / DocumentsPerPivot, 16, MaxPivots);
        var clusters = new int[byId.Length];
        var cosines = new float[byId.Length];
        var first = Sample([.. Enumerable.Range(0, byId.Length)], count / 2);
        Assign(documents, first, 0, clusters, cosines, cancellationToken);
        var second = Sample(LeastSimilar(cosines), count - first.Length);
        Assign(documents, second, first.Length, clusters, cosines, cancellationToken);
        var pivots = new Pivots(documents, [.. first, .. second]);
        var places = pivots.Chain();
        // By scale, then by cluster, then by id.
        return Sorted(byId.Length, i => (ranks[exponents[i] - sbyte.MinValue] * (long)pivots.Count) + places[clusters[i]]);
    }

    /// <summary>Positions by key, those of one key in the order they are in.</summary>
    private static int[] Sorted(int count, Func<int, long> key)
    {
        var order = Enumerable.Range(0, count).ToArray();
        Array.Sort(Array.ConvertAll(order, i => (key(i) << 32) | (uint)i), order);
        return order;
    }

    /// <summary>Brings documents to pivots that are more like them than those they have.</summary>
    private static void Assign(StrongestTerms documents, int[] sample, int number, int[] clusters, float[] cosines, CancellationToken cancellationToken)
    {
        var pivots = new Pivots(documents, sample);
        Parallel.For(
            0,
            (clusters.Length + 1023) / 1024,
            new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
            () => new float[pivots.Count],
            (chunk, _, scores) =>
            {
                for (var d = chunk * 1024; d < Math.Min(clusters.Length, (chunk + 1) * 1024); d++)
                {
                    var (pivot, cosine) = pivots.MostSimilar(d, scores);
                    if (cosine > cosines[d])
                    {
                        (clusters[d], cosines[d]) = (number + pivot, cosine);
                    }
                }

                return scores;
            },
            _ => { });
    }

    /// <summary>The documents whose cosines are in the lowest part, ascending.</summary>
    private static int[] LeastSimilar(float[] cosines)
    {
        var sorted = (float[])cosines.Clone();
        Array.Sort(sorted);
        var limit = sorted[(int)((sorted.Length - 1) * LeastShare)];
        return [.. Enumerable.Range(0, cosines.Length).Where(d => cosines[d] <= limit)];
    }

    /// <summary>So many documents, or all: one from anywhere in each of equal parts, since what ids count may repeat.</summary>
    private static int[] Sample(int[] documents, int count)
    {
        var random = new Random(count);
        return documents.Length <= count
            ? documents
            : [.. Enumerable.Range(0, count).Select(i => documents[(int)((i + random.NextDouble()) * documents.Length / count)])];
    }

    /// <summary>One order serves all fields: it follows the one in which searches have most to skip.</summary>
    private static string? FieldWithMostPostings(IReadOnlyList<(Segment Segment, LiveDocs Live)> sources) =>
        sources.SelectMany(s => s.Segment.Fields)
            .GroupBy(f => f.Name, StringComparer.Ordinal)
            .OrderByDescending(g => g.Sum(f => f.CountPostings()))
            .ThenBy(g => g.Key, StringComparer.Ordinal)
            .FirstOrDefault()?.Key;
}
