using System.Diagnostics;
using System.Globalization;
using Splade.Cluster.Protocol.Search;
using Splade.Index;

namespace Splade.Cluster.Search.Leaf;

/// <summary>The search of one shard and what it took.</summary>
internal sealed record ShardSearch(TopHits Top, int Ordinal, TimeSpan Elapsed, bool TimedOut, bool TerminatedEarly)
{
    /// <summary>Features in a profile's description.</summary>
    private const int DescribedFeatures = 10;

    /// <summary>An answer stopped by its deadline must still reach the coordinator, and the documents of its hits be fetched, before it.</summary>
    private const double AnswerShare = 0.1;

    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromMilliseconds(50);

    public static ShardSearch Run(IndexReader reader, LeafSearch search, int ordinal, TimeSpan remaining, CancellationToken cancellationToken)
    {
        var mode = search.Mode ?? SearchMode.Exact;
        var answer = remaining * AnswerShare;
        var deadline = Environment.TickCount64 + (long)(remaining - (answer < MaxAnswerTime ? answer : MaxAnswerTime)).TotalMilliseconds;
        var options = new Index.SearchOptions
        {
            BoundScale = mode.BoundScale, MaxSuperblocks = mode.MaxSuperblocks, CountLimit = mode.CountLimit, Deadline = deadline,
        };
        var start = Stopwatch.GetTimestamp();
        var top = PassageSearch.Run(reader, search.Query, search.K, options, cancellationToken);
        return new ShardSearch(
            top, ordinal, Stopwatch.GetElapsedTime(start), top.Statistics.End == SearchEnd.Deadline, top.Statistics.End == SearchEnd.Budget);
    }

    public ShardProfile ToProfile(LeafSearch search, IndexReader reader) => new(
        Ordinal,
        search.Query.GetType().Name,
        Describe(search.Query),
        (long)Elapsed.TotalNanoseconds,
        reader.SegmentCount,
        Top.Statistics.ExhaustiveSegments,
        Top.Statistics.Postings,
        Top.Statistics.Superblocks,
        Top.Statistics.AllSuperblocks,
        Top.Statistics.Blocks,
        Top.Statistics.End);

    private static string Describe(Query query) => query switch
    {
        MatchAllQuery => "*:*",
        SparseVectorQuery sparse => string.Join(
            ' ',
            sparse.Features.OrderByDescending(f => f.Weight).Take(DescribedFeatures).Select(f => string.Create(CultureInfo.InvariantCulture, $"{sparse.Field}:{f.Feature}^{f.Weight:0.###}"))
                .Concat(sparse.Features.Length > DescribedFeatures ? [string.Create(CultureInfo.InvariantCulture, $"and {sparse.Features.Length - DescribedFeatures} more")] : [])),
        BestPassageQuery best => $"best passage of {string.Join(", ", best.Fields)}: {Describe(best.Query)}",
        SumQuery sum => string.Join(" + ", sum.Clauses.Select(c => string.Create(CultureInfo.InvariantCulture, $"({Describe(c)})^{c.Boost:0.###}"))),
        _ => "",
    };
}
