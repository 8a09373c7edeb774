using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Scores a group in which few documents have a term of the query: sums remember which documents they are of, and the others cost nothing. Such are short
/// queries of rare words.
/// </summary>
internal sealed unsafe class TouchedScan
{
    /// <summary>Documents for each posting from which it is faster than clearing and scanning all sums.</summary>
    private const int DocumentsPerPosting = 16;

    private const int Places = Accumulator.GroupSize * SegmentFormat.SuperblockSize;
    private readonly Scratch<uint> _sums = new();
    private readonly Scratch<ushort> _touched = new();
    private readonly Scratch<ushort> _near = new();
    private readonly ContributionRow _row = new();
    private readonly GroupPlaces _places = new();
    private bool _isClear;

    /// <summary>Postings added to the last group.</summary>
    public long Postings { get; private set; }

    /// <summary>Documents that matched, while they are counted.</summary>
    public long Matches { get; private set; }

    public void Reset() => Matches = 0;

    /// <param name="query">The query in its segment, of one clause.</param>
    /// <param name="best">Has the threshold, on which it depends whether deferred terms can wait; null when all are added.</param>
    public static bool IsWorthwhile(SegmentQuery query, TopDocuments? best)
    {
        var defers = best is not null && CandidateScan.Needed(best.Threshold, query.Unit) > query.DeferredSum;
        return (defers ? query.EssentialPostings : query.Postings) < query.Segment.DocumentCount / DocumentsPerPosting;
    }

    /// <summary>Scores a group.</summary>
    /// <param name="pass">What to do, in a group of one unit, the query's.</param>
    /// <param name="group">Which group.</param>
    /// <param name="neededBound">The bound that a hit needs.</param>
    /// <param name="waiting">Takes what deferred terms may bring above the threshold.</param>
    /// <returns>Superblocks that were scored; negative where nothing was, because so many documents are near the threshold that adding deferred terms costs less.</returns>
    public int ScoreGroup(in GroupPass pass, int group, int neededBound, DeferredTerms waiting)
    {
        var (query, bounds, best) = (pass.Query, pass.Bounds, pass.Best);
        var superblock = group * Accumulator.GroupSize;
        var count = Math.Min(Accumulator.GroupSize, SegmentFormat.Superblocks(query.Segment.DocumentCount) - superblock);
        var first = superblock << SegmentFormat.SuperblockBits;
        var sums = Begin();
        Postings = 0;
        foreach (ref var term in query.Sparse)
        {
            Postings += RarePostings.AddSparse(ref term, superblock, count, _row, null, ref sums);
        }

        foreach (ref var term in query.Flat)
        {
            Postings += RarePostings.AddFlat(ref term, first, count << SegmentFormat.SuperblockBits, ref sums);
        }

        var chosen = _places.Choose(bounds, neededBound, superblock, count, mayPack: false);
        AddCelled(query.Essential, ref sums);
        if (best is not null)
        {
            var unit = query.Unit;
            var needed = CandidateScan.Needed(best.Threshold, unit);
            if (query.DeferredSum > 0 && needed > query.DeferredSum)
            {
                var near = Near(sums.Touched, needed - query.DeferredSum, first, bounds, neededBound, pass.Documents);
                if (!query.LookupsPay(near.Length, count))
                {
                    Clear(sums.Touched);
                    return -1;
                }

                best.Announce(near, _sums.Pointer, unit);
                near = Near(near, CandidateScan.LeastNear(best.Threshold, unit, query.DeferredSum), first, bounds, neededBound, pass.Documents);
                waiting.Add(near, _sums.Pointer, _places);
            }
            else
            {
                AddCelled(query.Deferred, ref sums);
                best.Add(Near(sums.Touched, needed, first, bounds, neededBound, pass.Documents), _sums.Pointer, unit, _places);
            }
        }

        if (pass.CountMatches)
        {
            foreach (var place in sums.Touched)
            {
                Matches += pass.Documents.Contains(first + place) ? 1 : 0;
            }
        }

        Clear(sums.Touched);
        return chosen;
    }

    private TouchedSums Begin()
    {
        _row.Clear();
        _near.Ensure(TouchedSums.Room);
        var sums = _sums.Ensure(Places);
        if (!_isClear)
        {
            new Span<uint>(sums, Places).Clear();
        }

        _isClear = false;
        return new TouchedSums(sums, _touched.Ensure(TouchedSums.Room));
    }

    private void Clear(ReadOnlySpan<ushort> touched)
    {
        var sums = _sums.Pointer;
        foreach (var place in touched)
        {
            sums[place] = 0;
        }

        // More than there are: of a damaged list.
        _isClear = touched.Length <= Places;
    }

    private void AddCelled(ReadOnlySpan<QueryTerm> terms, ref TouchedSums sums)
    {
        foreach (ref readonly var term in terms)
        {
            var added = _row.Append(term.Celled, _places.Scored, term.Weight, ref sums);
            if (added < 0)
            {
                throw term.Field.DamagedDirectory();
            }

            Postings += added;
        }

        _row.AddTo(ref sums);
    }

    /// <summary>Documents that have a sum, lie where bounds allow a hit, and may be found.</summary>
    private Span<ushort> Near(ReadOnlySpan<ushort> touched, uint needed, int first, BlockBounds? bounds, int neededBound, in AllowedDocuments documents)
    {
        var sums = _sums.Pointer;
        var near = _near.Pointer;
        var count = 0;
        foreach (var place in touched)
        {
            // Always written, here and below: whether a document counts is a branch that can't be predicted.
            var isNear = sums[place] >= needed;
            near[count] = place;
            count += isNear ? 1 : 0;
        }

        if (bounds is not null)
        {
            // Among them superblocks that have been scored before.
            var superblocks = bounds.Superblocks + (first >> SegmentFormat.SuperblockBits);
            var possible = 0;
            for (var i = 0; i < count; i++)
            {
                var place = near[i];
                var isPossible = superblocks[place >> SegmentFormat.SuperblockBits] >= neededBound;
                near[possible] = place;
                possible += isPossible ? 1 : 0;
            }

            count = possible;
        }

        if (!documents.All)
        {
            var allowed = 0;
            for (var i = 0; i < count; i++)
            {
                var place = near[i];
                near[allowed] = place;
                allowed += documents.Contains(first + place) ? 1 : 0;
            }

            count = allowed;
        }

        return new Span<ushort>(near, count);
    }
}
