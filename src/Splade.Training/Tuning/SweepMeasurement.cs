using System.Collections.Immutable;
using Splade.Encoding;
using Splade.Encoding.Pruning;
using Splade.Evaluation;
using Splade.Index;

namespace Splade.Training.Tuning;

/// <summary>Prunes a collection's document vectors, indexes them with our engine and measures what the queries find.</summary>
internal static class SweepMeasurement
{
    private const string Field = "semantic";
    private const int Depth = 1000;
    private const int RefreshEvery = 20_000;

    /// <param name="pruning">Of documents.</param>
    public static TuneRow Measure(EncodedCollection collection, string model, double? lambda, PruneSettings pruning, CancellationToken cancellationToken)
    {
        var pruned = collection.Documents.Select(d => (d.Id, Vector: VectorPruner.Prune(d.Vector.Indices, d.Vector.Weights, pruning))).ToArray();
        using var writer = IndexWriter.Open([]);
        for (var i = 0; i < pruned.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var ((indices, weights), id) = (pruned[i].Vector, pruned[i].Id);
            var features = indices.Select((index, j) => new FeatureWeight(collection.Feature(index), weights[j])).ToImmutableArray();
            writer.Index(new IndexDocument(id, 1, i, ReadOnlyMemory<byte>.Empty, [new SparseField(Field, features)]));
            if ((i + 1) % RefreshEvery == 0)
            {
                writer.Refresh().Dispose();
            }
        }

        var frequencies = Frequencies(pruned.Select(d => d.Vector.Indices));
        var from = collection.Queries[0].Vector.CountedFrom;
        var counted = from > 0f ? Frequencies(pruned.Select(d => (int[])[.. d.Vector.Indices.Where((_, i) => d.Vector.Weights[i] >= from)])) : frequencies;
        var bytes = Flush(writer, cancellationToken);
        using var reader = writer.Refresh();
        var run = new Dictionary<string, IReadOnlyList<(string Id, double Score)>>(StringComparer.Ordinal);
        var queryFrequencies = Frequencies(collection.Queries.Select(q => q.Vector.Indices));
        foreach (var (id, vector) in collection.Queries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var features = Features(vector, counted, pruned.Length, collection.Feature);
            run.Add(id, features.IsEmpty ? [] : [.. reader.Search(new SparseVectorQuery(Field, features), Depth, cancellationToken).Hits.Select(h => (h.Id, (double)h.Score))]);
        }

        var report = EvaluationReport.Of(run, collection.Judgements);
        return new TuneRow(
            collection.Name,
            model,
            lambda,
            Name(pruning),
            report.Queries,
            report.Ndcg10,
            report.Mrr10,
            run.Average(q => TrecMetrics.RecallAt(10, TrecMetrics.Order(q.Value), collection.Judgements[q.Key])),
            report.Recall100,
            report.Recall1000,
            pruned.Average(d => d.Vector.Indices.Length),
            collection.Queries.Average(q => q.Vector.Indices.Length),
            queryFrequencies.Sum(f => (double)f.Value / collection.Queries.Count * frequencies.GetValueOrDefault(f.Key) / pruned.Length),
            bytes / (double)pruned.Length / 1e3);
    }

    /// <summary><c>none</c>, or type and ratio as they are given on the command line.</summary>
    public static string Name(PruneSettings pruning) =>
        pruning.Type == PruneType.None ? pruning.TypeName : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{pruning.TypeName}={pruning.Ratio}");

    /// <summary>Query features; where the model asks for it weighted by (idf of the collection / shipped idf) ^ share, as the cluster does.</summary>
    private static ImmutableArray<FeatureWeight> Features(EncodedText query, Dictionary<int, int> frequencies, int documents, Func<int, string> feature)
    {
        var features = ImmutableArray.CreateBuilder<FeatureWeight>(query.Indices.Length);
        for (var i = 0; i < query.Indices.Length; i++)
        {
            var weight = query.Weights[i];
            if (query.ShippedIdf?[i] is > 0f and var shipped && frequencies.GetValueOrDefault(query.Indices[i]) is > 0 and var frequency)
            {
                weight *= (float)Math.Pow(Math.Log(1 + ((documents - frequency + 0.5) / (frequency + 0.5))) / shipped, query.CollectionIdfShare);
            }

            features.Add(new FeatureWeight(feature(query.Indices[i]), weight));
        }

        return features.DrainToImmutable();
    }

    private static Dictionary<int, int> Frequencies(IEnumerable<int[]> vectors) => vectors.SelectMany(v => v).CountBy(id => id).ToDictionary();

    private static long Flush(IndexWriter writer, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("splade-tune-");
        try
        {
            if (writer.BeginFlush() is not { } flush)
            {
                return 0;
            }

            // Only the size is wanted: the writer keeps its segments in memory, and the flush is forgotten.
            flush.Run(folder.FullName, cancellationToken);
            writer.Abandon(flush);
            return folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
