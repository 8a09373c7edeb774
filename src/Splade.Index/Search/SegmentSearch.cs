using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Top k of one segment. Bounds choose superblocks: those with the best bounds are scored first, which makes the threshold nearly final; of the rest,
/// those whose bound reaches it are scored by ascending position. Where too many would be, everything is scored in order. One instance a thread.
/// </summary>
internal sealed unsafe class SegmentSearch
{
    /// <summary>Segments with fewer superblocks are not worth planning.</summary>
    private const int MinSuperblocks = 24;

    /// <summary>Superblocks of the first round for small k, and how much larger each next round is.</summary>
    private const int FirstRound = 8;
    private const int RoundGrowth = 4;

    /// <summary>Nanoseconds of a term in a superblock scored alone, of a posting, and of a document in a group.</summary>
    private const double SuperblockCost = 25;
    private const double PostingCost = 1.5;
    private const double DocumentCost = 0.1;

    /// <summary>Share of superblocks above which bounds are not worth looking at.</summary>
    private const double UsefulShare = 0.8;

    private const int MaxBoundedTerms = 1024;
    private const int HistogramShift = 5;

    [ThreadStatic]
    private static SegmentSearch? _instance;

    private readonly SegmentQuery _query = new();
    private readonly BlockBounds _bounds = new();
    private readonly Accumulator _accumulator = new();
    private readonly TopDocuments _best = new();
    private readonly Scratch<int> _round = new();
    private readonly int[] _histogram = new int[(ushort.MaxValue >> HistogramShift) + 1];
    private int _scored;
    private bool _stopped;
    private bool _exhaustive;

    public static SegmentSearch OfThread => _instance ??= new SegmentSearch();

    /// <summary>The best documents of the last search, in order.</summary>
    public ReadOnlySpan<(double Score, int Document)> Best => _best.Entries;

    /// <summary>Matching documents of the last search, when they were counted.</summary>
    public long Matches => _accumulator.Matches;

    public SearchStatistics Statistics { get; private set; }

    /// <param name="segment">Where to search.</param>
    /// <param name="documents">Which documents may be found.</param>
    /// <param name="deleted">How many of the segment are deleted.</param>
    /// <param name="query">What to search.</param>
    /// <param name="k">How many to find; 0 only counts.</param>
    /// <param name="floor">A score that is known to be needed.</param>
    /// <param name="countMatches">Whether to count all that match, which takes the exhaustive path.</param>
    /// <param name="options">Limits.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public void Run(
        Segment segment,
        in AllowedDocuments documents,
        int deleted,
        PreparedQuery query,
        int k,
        double floor,
        bool countMatches,
        SearchOptions options,
        CancellationToken cancellationToken)
    {
        _accumulator.Reset();
        _best.Reset(segment, Math.Max(k, 1), floor, 0);
        (_scored, _stopped, _exhaustive) = (0, false, true);
        var superblocks = SegmentFormat.Superblocks(segment.DocumentCount);
        if (_query.Bind(segment, query, (long)k + deleted))
        {
            _best.Reset(
                segment, Math.Max(k, 1), documents.HasFilter ? floor : Math.Max(floor, _query.Reached * (1 - 1e-12)), _query.LargestScore);

            if (countMatches || k == 0 || options.Exhaustive || superblocks < MinSuperblocks || !_query.IsBounded || _query.TermCount > MaxBoundedTerms)
            {
                Exhaustive(documents, k == 0 ? null : _best, countMatches, options, cancellationToken);
            }
            else
            {
                _exhaustive = false;
                Pruned(documents, k, options, cancellationToken);
            }
        }

        _best.Finish();
        if (k == 0)
        {
            _best.Reset(segment, 1, 0, 0);
        }

        Statistics = new SearchStatistics(_accumulator.Postings, _scored, superblocks, _exhaustive ? 1 : 0, _stopped);
    }

    /// <summary>
    /// First the superblocks with the best bounds, for a threshold that is nearly final. What may still hold a hit then is scored in rounds of descending
    /// bounds if it is little, else group by group.
    /// </summary>
    private void Pruned(in AllowedDocuments documents, int k, SearchOptions options, CancellationToken cancellationToken)
    {
        _bounds.Compute(_query);
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
        for (var size = FirstRound + (k / 32); ; size *= RoundGrowth)
        {
            var cutoff = Cutoff(bounds, count, Needed(options), size, out var left);
            if (left == 0)
            {
                return;
            }

            if (_scored > 0 && options.MaxSuperblocks is null && left * SuperblockCost * _query.TermCount > GroupsCost())
            {
                ScoreGroups(left < count * UsefulShare, documents, options, cancellationToken);
                return;
            }

            var chosen = 0;
            for (var s = 0; s < count; s++)
            {
                round[chosen] = s;
                chosen += bounds[s] >= cutoff ? 1 : 0;
            }

            if (!ScoreRound(round, chosen, documents, options, cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>What rarer terms and the sums of all documents cost in <see cref="ScoreGroups"/>.</summary>
    private double GroupsCost() => (_query.UncelledPostings * PostingCost) + (_query.Segment.DocumentCount * DocumentCost);

    /// <param name="refine">Whether to look at blocks once rarer terms are added; in vain where most superblocks hold a hit.</param>
    private void ScoreGroups(bool refine, in AllowedDocuments documents, SearchOptions options, CancellationToken cancellationToken)
    {
        var groups = (_bounds.Count + Accumulator.GroupSize - 1) / Accumulator.GroupSize;
        for (var group = 0; group < groups && !Stop(options); group++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _scored += _accumulator.ScoreGroup(_query, group, _bounds, Needed(options), refine, documents, _best, countMatches: false);
        }
    }

    /// <returns>False when a limit was reached.</returns>
    private bool ScoreRound(int* round, int count, in AllowedDocuments documents, SearchOptions options, CancellationToken cancellationToken)
    {
        var bounds = _bounds.Superblocks;
        var needed = Needed(options);
        for (var i = 0; i < count; i++)
        {
            if (i + 2 < count)
            {
                Accumulator.PrefetchDirectory(_query, round[i + 2]);
            }

            if (i + 1 < count)
            {
                Accumulator.PrefetchPostings(_query, round[i + 1]);
            }

            if (bounds[round[i]] >= needed)
            {
                if (Stop(options))
                {
                    return false;
                }

                _accumulator.Score(_query, round[i], _bounds, needed, documents, _best);
                _scored++;
                needed = Needed(options);
            }

            bounds[round[i]] = 0;
            if ((i & 63) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return true;
    }

    private bool Stop(SearchOptions options)
    {
        _stopped |= _scored >= options.MaxSuperblocks || ((_scored & 15) == 15 && options.Deadline < Environment.TickCount64);
        return _stopped;
    }

    private int Needed(SearchOptions options) => Math.Max(1, _bounds.Needed(_best.Threshold / options.BoundScale));

    /// <summary>A bound that about so many superblocks reach, by a histogram; at least what is needed.</summary>
    private int Cutoff(ushort* bounds, int count, int needed, int size, out int left)
    {
        Array.Clear(_histogram);
        left = 0;
        for (var s = 0; s < count; s++)
        {
            if (bounds[s] >= needed)
            {
                _histogram[bounds[s] >> HistogramShift]++;
                left++;
            }
        }

        if (left <= size + (size / 2))
        {
            return needed;
        }

        var bucket = _histogram.Length;
        for (var sum = 0; sum < size && bucket > 0;)
        {
            sum += _histogram[--bucket];
        }

        return Math.Max(needed, bucket << HistogramShift);
    }

    private void Exhaustive(in AllowedDocuments documents, TopDocuments? best, bool countMatches, SearchOptions options, CancellationToken cancellationToken)
    {
        var superblocks = SegmentFormat.Superblocks(_query.Segment.DocumentCount);
        for (var group = 0; group * Accumulator.GroupSize < superblocks && !Stop(options); group++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _scored += _accumulator.ScoreGroup(_query, group, null, 0, refine: false, documents, best, countMatches);
        }
    }
}
