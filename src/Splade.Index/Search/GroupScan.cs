using System.Collections.Concurrent;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>What a pass over the groups of a segment does.</summary>
/// <param name="Segment">Where to search.</param>
/// <param name="Query">What to search.</param>
/// <param name="K">How many to find; 0 only counts.</param>
/// <param name="Live">Documents not deleted.</param>
/// <param name="Filter">Documents that may be found, a bit each; null for all.</param>
/// <param name="Bounds">The query's bounds; null to score everything.</param>
/// <param name="Refine">Whether to look at the bounds of blocks once rarer terms are added.</param>
/// <param name="CountMatches">Whether to count.</param>
/// <param name="Defer">Whether terms may be deferred.</param>
/// <param name="Options">Limits.</param>
internal readonly record struct GroupScanPlan(
    Segment Segment, PreparedQuery Query, int K, LiveDocs Live, ulong[]? Filter, BlockBounds? Bounds, bool Refine, bool CountMatches, bool Defer, SearchOptions Options);

/// <summary>Scores groups of superblocks one after another, or a part of them on behalf of another thread's search.</summary>
internal sealed class GroupScan
{
    private static readonly ConcurrentBag<GroupScan> Idle = [];
    private readonly CelledBounds _afterLeading = new();

    public SegmentQuery Query { get; } = new();

    public Accumulator Accumulator { get; } = new();

    public TopDocuments Best { get; } = new();

    /// <summary>Superblocks scored.</summary>
    public int Scored { get; set; }

    /// <summary>A limit has ended the pass.</summary>
    public bool Stopped { get; set; }

    public void Reset()
    {
        Accumulator.Reset();
        Scored = 0;
        Stopped = false;
    }

    /// <param name="plan">What to do.</param>
    /// <param name="first">The first group.</param>
    /// <param name="end">The group after the last.</param>
    /// <param name="shared">Takes and tells the threshold; null when nobody else searches.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    public void Run(in GroupScanPlan plan, int first, int end, SharedThreshold? shared, CancellationToken cancellationToken)
    {
        var best = plan.K == 0 ? null : Best;
        if (plan.Defer)
        {
            Query.Defer(Best.Threshold);
        }

        CelledBounds? afterLeading = null;
        if (plan.Refine && plan.Bounds is { } bounds && !double.IsNaN(Query.Unit) && !TouchedScan.IsWorthwhile(Query, best))
        {
            Query.OrderEssential();
            afterLeading = _afterLeading;
            afterLeading.Compute(Query.Celled[Query.Leading.Length..], bounds.Count, bounds.Unit);
        }

        var pass = new GroupPass(Query, plan.Bounds, afterLeading, new AllowedDocuments(plan.Live, plan.Filter), best, plan.CountMatches);
        for (var group = first; group < end && !Stop(plan.Options); group++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (shared is not null)
            {
                Best.Raise(shared.Exchange(Best.Threshold));
            }

            Scored += Accumulator.ScoreGroup(pass, group, plan.Bounds?.Needed(Best.Threshold, plan.Options) ?? 0);
        }

        Accumulator.Complete(Query, Best);
    }

    /// <summary>The same by several threads, each with a part of the groups. What they find goes into <see cref="Best"/>.</summary>
    public void RunParallel(GroupScanPlan plan, int groups, int threads, CancellationToken cancellationToken)
    {
        var shared = new SharedThreshold();
        var floor = Best.Threshold;
        var merge = new Lock();
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, part =>
        {
            var scan = Idle.TryTake(out var idle) ? idle : new GroupScan();
            scan.Reset();
            scan.Query.Bind(plan.Segment, plan.Query, plan.K);
            scan.Best.Reset(plan.Segment.Ranks, Math.Max(1, plan.K), floor, scan.Query.LargestScore);
            scan.Run(plan, (int)((long)groups * part / threads), (int)((long)groups * (part + 1) / threads), shared, cancellationToken);
            lock (merge)
            {
                Add(scan);
            }

            Idle.Add(scan);
        });
    }

    public bool Stop(SearchOptions options)
    {
        Stopped |= Scored >= options.MaxSuperblocks || (options.Deadline is { } deadline && deadline <= Environment.TickCount64);
        return Stopped;
    }

    private void Add(GroupScan other)
    {
        foreach (var (score, document) in other.Best.Entries)
        {
            Best.Add(score, document);
        }

        Accumulator.AddCounts(other.Accumulator);
        Scored += other.Scored;
        Stopped |= other.Stopped;
    }
}

/// <summary>The highest threshold of the threads that search together.</summary>
internal sealed class SharedThreshold
{
    private double _highest;

    /// <summary>Tells one's own threshold.</summary>
    /// <returns>The highest of all.</returns>
    public double Exchange(double threshold)
    {
        while (true)
        {
            var highest = Volatile.Read(ref _highest);
            if (highest >= threshold || Interlocked.CompareExchange(ref _highest, threshold, highest) == highest)
            {
                return Math.Max(highest, threshold);
            }
        }
    }
}
