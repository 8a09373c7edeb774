using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Top k of one segment. Bounds choose superblocks: those with the best bounds are scored first, which makes the threshold nearly final. What may still
/// hold a hit is scored in rounds of descending bounds if it is little, else group by group in order. One instance a thread.
/// </summary>
internal sealed unsafe class SegmentSearch
{
    /// <summary>Segments with fewer superblocks are not worth planning.</summary>
    private const int MinSuperblocks = 48;

    /// <summary>Superblocks of the first round for small k, another for each so many hits wanted, and how much larger each next round is.</summary>
    private const int FirstRound = 8;
    private const int HitsPerSuperblock = 64;
    private const int RoundGrowth = 4;

    /// <summary>Share of the cost of all groups that a round may have when it leaves too much for rounds.</summary>
    private const double LittleShare = 1 / 32.0;

    /// <summary>Nanoseconds of a superblock's bounds, of a term in a superblock scored alone, of a posting, and of a document in a group.</summary>
    private const double BoundCost = 40;
    private const double SuperblockCost = 25;
    private const double PostingCost = 1.5;
    private const double DocumentCost = 0.1;

    /// <summary>Share of superblocks above which bounds of blocks are not worth looking at.</summary>
    private const double UsefulShare = 0.98;

    /// <summary>Hits for each superblock from which bounds exclude too few.</summary>
    private const double MostHitsForBounds = 2;

    /// <summary>Share of the first round's bounds that is near them. Where most bounds are, documents have no structure, and bounds exclude too few.</summary>
    private const double NearBest = 0.7;

    private const int MaxBoundedTerms = 1024;

    /// <summary>Groups for one thread, at least.</summary>
    public const int MinGroupsPerThread = 2;

    [ThreadStatic]
    private static SegmentSearch? _instance;

    private readonly BlockBounds _bounds = new();
    private readonly GroupScan _scan = new();
    private readonly Scratch<int> _round = new();
    private readonly Scratch<ushort> _keys = new();

    public static SegmentSearch OfThread => _instance ??= new SegmentSearch();

    /// <summary>The best documents of the last search, in order.</summary>
    public ReadOnlySpan<ScoredDocument> Best => _scan.Best.Entries;

    /// <summary>Matching documents of the last search, when they were counted.</summary>
    public long Matches => _scan.Accumulator.Matches;

    public SearchStatistics Statistics { get; private set; }

    /// <param name="segment">Where to search.</param>
    /// <param name="live">Documents not deleted.</param>
    /// <param name="filter">Documents that may be found, a bit each; null for all.</param>
    /// <param name="query">What to search.</param>
    /// <param name="k">How many to find; 0 only counts.</param>
    /// <param name="floor">A score that is known to be needed.</param>
    /// <param name="countMatches">Whether to count all that match, which takes the exhaustive path.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public void Run(
        Segment segment,
        LiveDocs live,
        ulong[]? filter,
        PreparedQuery query,
        int k,
        double floor,
        bool countMatches,
        SearchOptions options,
        CancellationToken cancellationToken)
    {
        _scan.Reset();
        var superblocks = SegmentFormat.Superblocks(segment.DocumentCount);
        var bound = _scan.Query.Bind(segment, query, (long)k + live.DeletedCount);
        var known = filter is null ? _scan.Query.Reached * (1 - 1e-12) : 0;
        _scan.Best.Reset(segment.Ranks, Math.Max(k, 1), Math.Max(floor, known), bound ? _scan.Query.LargestScore : 0);
        var exhaustive = countMatches || k == 0 || options.Exhaustive || !_scan.Query.IsBounded || _scan.Query.TermCount > MaxBoundedTerms
            || (options.MaxSuperblocks is null && (superblocks < MinSuperblocks || !BoundsPay(k, superblocks, Math.Max(floor, known), filter is not null)));
        if (bound)
        {
            var plan = new GroupScanPlan(
                segment, query, k, live, filter, exhaustive ? null : _bounds, Refine: !exhaustive, countMatches, Defer: !countMatches && k > 0 && !options.Exhaustive, options);
            if (exhaustive)
            {
                ScoreGroups(plan, cancellationToken);
            }
            else
            {
                Prune(plan, cancellationToken);
            }
        }

        _scan.Best.Finish();
        var blocks = (long)_scan.Scored * SegmentFormat.SuperblockBlocks;
        Statistics = new SearchStatistics(
            _scan.Accumulator.Postings, _scan.Scored, superblocks, exhaustive ? 1 : 0, blocks, bound ? End(superblocks, options) : SearchEnd.Exhausted);
    }

    /// <summary>
    /// Whether bounds can save more than they cost: postings of frequent terms that need not be added, and where few superblocks hold hits also the others.
    /// </summary>
    /// <param name="k">How many to find.</param>
    /// <param name="superblocks">Of the segment.</param>
    /// <param name="threshold">A score that a hit needs.</param>
    /// <param name="filtered">Whether a filter may leave superblocks without documents.</param>
    private bool BoundsPay(int k, int superblocks, double threshold, bool filtered)
    {
        var query = _scan.Query;
        query.Defer(threshold);
        var celled = query.EssentialPostings - query.UncelledPostings;
        var withHits = filtered ? 0 : Math.Min(1, (double)k / superblocks);
        var saved = (celled * PostingCost) + (GroupsCost() * (1 - withHits));
        var cost = (superblocks * BoundCost) + (FirstRoundSize(k) * SuperblockCost * query.TermCount);
        return k < superblocks * MostHitsForBounds && saved > cost;
    }

    private static int FirstRoundSize(int k) => FirstRound + (k / HitsPerSuperblock);

    private SearchEnd End(int superblocks, SearchOptions options) =>
        _scan.Stopped ? (_scan.Scored >= options.MaxSuperblocks ? SearchEnd.Budget : SearchEnd.Deadline)
        : _scan.Scored < superblocks ? SearchEnd.Bounds
        : SearchEnd.Exhausted;

    private void Prune(in GroupScanPlan plan, CancellationToken cancellationToken)
    {
        _bounds.Compute(_scan.Query);
        var documents = new AllowedDocuments(plan.Live, plan.Filter);
        var bounds = _bounds.Superblocks;
        var count = _bounds.Count;
        if (documents.HasFilter)
        {
            for (var s = 0; s < count; s++)
            {
                bounds[s] = documents.AnyInFilter(s) ? bounds[s] : (ushort)0;
            }
        }

        var round = _round.Ensure(count);
        for (var size = FirstRoundSize(plan.K); ; size *= RoundGrowth)
        {
            var cutoff = Cutoff(new(bounds, count), _bounds.Needed(_scan.Best.Threshold, plan.Options), size, out var left);
            if (left == 0)
            {
                return;
            }

            if (_scan.Scored == 0 && plan.Options.MaxSuperblocks is null && BoundCounts.AtLeast(new(bounds, count), (int)(cutoff * NearBest)) > count / 2)
            {
                ScoreGroups(plan with { Refine = false }, cancellationToken);
                return;
            }

            // A round that costs little beside the groups may still raise the threshold enough.
            var alone = SuperblockCost * _scan.Query.TermCount;
            if (_scan.Scored > 0 && plan.Options.MaxSuperblocks is null && left * alone > GroupsCost() && size * alone > GroupsCost() * LittleShare)
            {
                ScoreGroups(plan with { Refine = left < count * UsefulShare }, cancellationToken);
                return;
            }

            var chosen = BoundCounts.Find(new(bounds, count), cutoff, round);
            if (plan.Options.MaxSuperblocks is not null)
            {
                PutBestFirst(bounds, round, chosen);
            }

            if (!ScoreRound(round, chosen, plan, documents, cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>What rarer terms and the sums of all documents cost in <see cref="ScoreGroups"/>.</summary>
    private double GroupsCost() => (_scan.Query.UncelledPostings * PostingCost) + (_scan.Query.Segment.DocumentCount * DocumentCost);

    private void ScoreGroups(in GroupScanPlan plan, CancellationToken cancellationToken)
    {
        var superblocks = SegmentFormat.Superblocks(plan.Segment.DocumentCount);
        var groups = (superblocks + Accumulator.GroupSize - 1) / Accumulator.GroupSize;
        var threads = plan.Options.MaxSuperblocks is null ? Math.Min(plan.Options.Threads, groups / MinGroupsPerThread) : 1;
        if (threads > 1)
        {
            _scan.RunParallel(plan, groups, threads, cancellationToken);
        }
        else
        {
            _scan.Run(plan, 0, groups, null, cancellationToken);
        }
    }

    /// <summary>A round that is cut short has then scored its best.</summary>
    private void PutBestFirst(ushort* bounds, int* round, int count)
    {
        var keys = _keys.Ensure(count);
        for (var i = 0; i < count; i++)
        {
            keys[i] = (ushort)~bounds[round[i]];
        }

        new Span<ushort>(keys, count).Sort(new Span<int>(round, count));
    }

    /// <returns>False when a limit was reached.</returns>
    private bool ScoreRound(int* round, int count, in GroupScanPlan plan, in AllowedDocuments documents, CancellationToken cancellationToken)
    {
        var bounds = _bounds.Superblocks;
        var queue = _scan.Accumulator.Queue;
        queue.Begin(_scan.Query, round, count);
        for (var i = -ScoringQueue.Steps; i < count; i++)
        {
            queue.Advance(_scan.Query, i);
            if (i < 0)
            {
                continue;
            }

            var needed = _bounds.Needed(_scan.Best.Threshold, plan.Options);
            if (bounds[round[i]] >= needed)
            {
                if (_scan.Stop(plan.Options))
                {
                    return false;
                }

                _scan.Accumulator.Score(_scan.Query, i, _bounds, needed, documents, _scan.Best);
                _scan.Scored++;
            }

            bounds[round[i]] = 0;
            if ((i & 63) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return true;
    }

    /// <summary>A bound that so many superblocks reach, or up to half as many more, and those with the same bound; at least what is needed.</summary>
    private static int Cutoff(ReadOnlySpan<ushort> bounds, int needed, int size, out int left)
    {
        left = BoundCounts.AtLeast(bounds, needed);
        var most = size + (size / 2);
        var (low, high, reached) = (needed, ushort.MaxValue + 1, left);
        while (reached > most && high - low > 1)
        {
            var middle = (low + high) >>> 1;
            var count = BoundCounts.AtLeast(bounds, middle);
            (low, high, reached) = count >= size ? (middle, high, count) : (low, middle, reached);
        }

        return low;
    }
}
