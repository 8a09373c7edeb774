using System.Globalization;
using Splade.Evaluation.Collections;
using Splade.Index;

namespace Splade.Evaluation.Speed;

/// <summary>
/// Measures the engine on a collection of vectors, beside the <see cref="Yardstick"/>: builds an index in files, then runs all queries in turns through every
/// contender, so that what else the machine does meanwhile hits all alike.
/// </summary>
public static class EngineBenchmark
{
    /// <param name="documents">What to index. Read three times: to count, to index, for the yardstick.</param>
    /// <param name="queries">What to ask.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told about every stage; may be called from one thread only.</param>
    /// <param name="cancellationToken">Ends it; the index goes.</param>
    /// <exception cref="InvalidDataException">The folder of the options holds the index of other documents.</exception>
    /// <exception cref="FormatException">A file is malformed, has negative weights, or there is no query.</exception>
    public static BenchmarkReport Run(
        VectorReader documents, VectorReader queries, BenchmarkOptions options, Action<BenchmarkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        progress ??= _ => { };
        var collection = BenchmarkCollection.Scan(documents, progress, cancellationToken);
        var asked = collection.ReadQueries(queries, options.MaxQueries);
        using var work = options.IndexFolder is null ? new MadeFolder(options.WorkFolder) : null;
        using var index = EngineIndex.Of(collection, options, progress, cancellationToken);
        var (yardstick, exact, largestImpacts) = BuildYardstick(collection, progress, cancellationToken);

        var weights = asked.Select(q => Yardstick.ScaleToFit(q.Weights, Array.ConvertAll(q.Terms, t => largestImpacts[t]))).ToArray();
        Contender[] contenders =
        [
            new EngineContender(index.Reader, asked, SearchOptions.Exact with { CountLimit = 0 }, "exact", ""),
            new YardstickContender(yardstick, asked, weights),
            .. options.BoundScales.Select(s => new EngineContender(
                index.Reader, asked, SearchOptions.Exact with { CountLimit = 0, BoundScale = s }, "approximate", string.Create(CultureInfo.InvariantCulture, $"bound_scale={s}"))),
        ];
        var truth = Truth(exact, asked, options.Ks.Max(), progress, cancellationToken);
        var results = ContenderRace.Run(contenders, asked.Count, options, truth, progress, cancellationToken);
        return new BenchmarkReport(
            collection.DocumentCount,
            collection.TermCount,
            collection.PostingCount,
            Math.Round(index.BuildSeconds, 3),
            index.Bytes,
            Math.Round(index.Bytes / Math.Max(1.0, collection.PostingCount), 4),
            index.ResidentBytes(),
            results)
        {
            Parts = index.Reader.PartSizes(),
            OpenMillis = (index.MeasureOpening(verifyChecksums: false), index.MeasureOpening(verifyChecksums: true)),
        };
    }

    private static (Yardstick Yardstick, ExactRanking Exact, byte[] LargestImpacts) BuildYardstick(
        BenchmarkCollection collection, Action<BenchmarkProgress> progress, CancellationToken cancellationToken)
    {
        var builder = new YardstickBuilder(collection.TermCount, collection.Quantisation);
        var number = 0;
        foreach (var (row, terms) in collection.Rows())
        {
            builder.Add(terms, row.Weights);
            if (++number % 4096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(new BenchmarkProgress("yardstick", number, collection.DocumentCount));
            }
        }

        var (yardstick, exact) = builder.Build();
        return (yardstick, exact, builder.LargestImpacts.ToArray());
    }

    private static string[][] Truth(
        ExactRanking exact, IReadOnlyList<BenchmarkQuery> queries, int k, Action<BenchmarkProgress> progress, CancellationToken cancellationToken)
    {
        var truth = new string[queries.Count][];
        for (var q = 0; q < truth.Length; q++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress(new BenchmarkProgress("true ranking", q, truth.Length));
            truth[q] = Array.ConvertAll(exact.Search(queries[q].Terms, queries[q].Weights, k), r => r.Row.ToString(CultureInfo.InvariantCulture));
        }

        return truth;
    }
}
