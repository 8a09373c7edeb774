using System.Globalization;

namespace Splade.Evaluation.Speed;

/// <summary>Runs all queries in turns through every contender at every depth, so that what else the machine does meanwhile hits all alike.</summary>
public static class ContenderRace
{
    /// <param name="contenders">The first is the exact one, whose ranking goes into the run file.</param>
    /// <param name="queries">Queries are 0 to this.</param>
    /// <param name="options">How.</param>
    /// <param name="truth">The true ranking of each query, at least as deep as the largest k; null: what the first contender finds.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>By k ascending, contenders in their order.</returns>
    public static IReadOnlyList<BenchmarkResult> Run(
        IReadOnlyList<Contender> contenders, int queries, BenchmarkOptions options, string[][]? truth, Action<BenchmarkProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(contenders);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        using var threads = new SearchThreads(options.Threads);
        var runs = options.Ks.Distinct().OrderDescending()
            .SelectMany(k => contenders.Select(c => (K: k, Measurement: new Measurement(c, threads, k, queries, options)))).ToArray();
        var recalls = new double[runs.Length];
        for (var r = 0; r < runs.Length; r++)
        {
            progress(new BenchmarkProgress("rankings", r, runs.Length));
            var rankings = runs[r].Measurement.Rankings(cancellationToken);
            if (r == 0)
            {
                truth ??= Array.ConvertAll(rankings, q => Array.ConvertAll(q, h => h.Row));
                WriteRun(options.RunFile, rankings);
            }

            recalls[r] = Recall(rankings, truth!, runs[r].K);
        }

        progress(new BenchmarkProgress("warming up", 0, 0));
        new WarmUp().Run(() => Array.ForEach(runs, r => r.Measurement.Warm(cancellationToken)), cancellationToken);
        for (var pass = 0; pass < options.Passes; pass++)
        {
            for (var r = 0; r < runs.Length; r++)
            {
                progress(new BenchmarkProgress("measuring", (pass * runs.Length) + r, options.Passes * runs.Length));
                runs[r].Measurement.Run(pass, cancellationToken);
            }
        }

        // A stable sort: contenders stay in their order.
        return [.. runs.Select((r, i) => r.Measurement.Result(recalls[i])).OrderBy(r => r.K)];
    }

    /// <summary>Mean share of the true top k that was found, over queries that match anything.</summary>
    private static double Recall((string Row, double Score)[][] rankings, string[][] truth, int k)
    {
        double sum = 0;
        var counted = 0;
        for (var q = 0; q < truth.Length; q++)
        {
            var expected = truth[q].Take(k).ToHashSet(StringComparer.Ordinal);
            if (expected.Count > 0)
            {
                sum += rankings[q].Count(r => expected.Contains(r.Row)) / (double)expected.Count;
                counted++;
            }
        }

        return counted == 0 ? 1 : sum / counted;
    }

    private static void WriteRun(string? path, (string Row, double Score)[][] rankings)
    {
        if (path is not null)
        {
            BenchmarkOptions.Try("--run", path, file => TrecFiles.WriteRun(file, rankings.Select((r, q) => (q.ToString(CultureInfo.InvariantCulture), (IReadOnlyList<(string, double)>)r)), "splade"));
        }
    }
}
