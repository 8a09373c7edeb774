using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Scores neighbouring documents term at a time: every query term's postings there are added into 32-bit sums that stay in the cache, then one vectorised
/// compare finds candidates.
/// </summary>
internal sealed unsafe class Accumulator
{
    /// <summary>
    /// Superblocks that are scored side by side, those of a range of flat lists. Their sums fit into a second-level cache; fewer, which would fit into the first, are slower,
    /// because every term in every group costs something.
    /// </summary>
    public const int GroupSize = SegmentFormat.RangeSuperblocks;

    /// <summary>Once so many superblocks have been tested and this share of them was scored all the same, testing them is in vain.</summary>
    private const int TestedEnough = 64;
    private const double UselessShare = 0.85;

    /// <summary>Postings in a superblock, on average, below which the cells of neighbours are unpacked together.</summary>
    private const int SmallCell = 24;

    private readonly Scratch<uint> _memory = new();
    private readonly ContributionRow _row = new();
    private readonly CandidateScan _scan = new();
    private readonly GroupPlaces _places = new();
    private readonly TouchedScan _touched = new();
    private int _tested;
    private int _passed;
    private int _stride;
    private int _clause;
    private long _mostOfSmallCells;

    /// <summary>Whether <see cref="RaiseAtFirst"/> has been called.</summary>
    private bool _hasLooked;

    /// <summary>Whether so many documents are near the threshold that <see cref="TouchedScan"/> is in vain.</summary>
    private bool _touchesMany;

    /// <summary>A sum a document, clause after clause.</summary>
    private uint* _sums;

    /// <summary>Postings added since <see cref="Reset"/>.</summary>
    public long Postings { get; private set; }

    /// <summary>Superblocks that are scored one by one.</summary>
    public ScoringQueue Queue { get; } = new();

    /// <summary>Documents whose sums lack the deferred terms.</summary>
    public DeferredTerms Waiting { get; } = new();

    /// <summary>Documents that matched, while they are counted.</summary>
    public long Matches => _scan.Matches + _touched.Matches;

    public void Reset()
    {
        Postings = 0;
        _tested = 0;
        _passed = 0;
        _hasLooked = false;
        _touchesMany = false;
        _scan.Reset();
        _touched.Reset();
        Waiting.Reset();
        Queue.Reset();
    }

    /// <summary>Looks the deferred terms up where that may make a hit; once the threshold is good.</summary>
    public void Complete(SegmentQuery query, TopDocuments best) => Postings += Waiting.Complete(query, best);

    /// <summary>Adds what another one has counted.</summary>
    public void AddCounts(Accumulator other)
    {
        Postings += other.Postings;
        _scan.AddMatches(other.Matches);
    }

    /// <summary>Scores one superblock.</summary>
    /// <param name="query">The query in its segment.</param>
    /// <param name="index">Its place in <see cref="Queue"/>.</param>
    /// <param name="bounds">The query's bounds.</param>
    /// <param name="needed">The bound that a hit needs.</param>
    /// <param name="documents">Which documents may be found.</param>
    /// <param name="best">Takes what is found.</param>
    public void Score(SegmentQuery query, int index, BlockBounds bounds, int needed, in AllowedDocuments documents, TopDocuments best)
    {
        var superblock = Queue[index];
        var sums = Begin(query, 1);
        new Span<uint>(sums, _stride * query.ClauseCount).Clear();
        foreach (ref readonly var cell in Queue.Cells(index))
        {
            ref readonly var term = ref query.Sparse[cell.Term];
            var plain = Sums(term.Clause);
            var added = _row.Append(cell.Cell, cell.Pairs, 0, term.Weight, ref plain);
            Postings += added >= 0 ? added : throw term.Field.DamagedDirectory();
        }

        foreach (ref var term in query.Flat)
        {
            var plain = Sums(term.Clause);
            Postings += RarePostings.AddFlat(ref term, superblock << SegmentFormat.SuperblockBits, _stride, ref plain);
        }

        Flush();
        var mayReach = query.Celled.Length == 0 || bounds.Celled.MayReach(query, superblock, sums, needed);
        Queue.Count(mayReach);
        if (!mayReach)
        {
            return;
        }

        Queue.AskForCelled(query, superblock);
        AddCelled(query.Celled, [new ScoredSuperblock(superblock, 0)]);
        _scan.Scan(query, sums, _stride, superblock << SegmentFormat.SuperblockBits, documents, best, countMatches: false);
    }

    /// <summary>
    /// Scores neighbouring superblocks side by side. Rarer terms come first, and are a small part of all postings; the others are added only where the
    /// bounds then still allow a hit; deferred ones are looked up in what is then near the threshold.
    /// </summary>
    /// <param name="pass">What to do.</param>
    /// <param name="group">Which group.</param>
    /// <param name="needed">The bound that a hit needs.</param>
    /// <returns>Superblocks that were scored.</returns>
    public int ScoreGroup(in GroupPass pass, int group, int needed)
    {
        var (query, bounds, best) = (pass.Query, pass.Bounds, pass.Best);
        var superblock = group * GroupSize;
        var count = Math.Min(GroupSize, SegmentFormat.Superblocks(query.Segment.DocumentCount) - superblock);
        var unit = query.UnitOf(superblock, count);
        var isUniform = !double.IsNaN(unit) && superblock + count <= query.BoundedSuperblocks;
        if (isUniform && unit != query.Unit)
        {
            // What waits is in another unit.
            Complete(query, best!);
            query.UseUnit(unit);
        }

        if (isUniform && !_touchesMany && TouchedScan.IsWorthwhile(query, best))
        {
            var scored = _touched.ScoreGroup(pass, group, needed, Waiting);
            Postings += _touched.Postings;
            _touchesMany = scored < 0;
            if (!_touchesMany)
            {
                return scored;
            }
        }

        var takesNear = best is not null && isUniform && !pass.CountMatches;
        var chosen = _places.Choose(bounds, needed, superblock, count, mayPack: takesNear);
        if (chosen == 0)
        {
            return 0;
        }

        // Nobody looks at the sums of the others.
        var sums = Begin(query, _places.SlotCount);
        Clear(query, _places.Scored);
        foreach (ref var term in query.Sparse)
        {
            var plain = Sums(term.Clause);
            Postings += RarePostings.AddSparse(ref term, superblock, count, _row, _places.Slots, ref plain);
        }

        Flush();
        Postings += RarePostings.AddFlatGroup(
            query.Flat, superblock << SegmentFormat.SuperblockBits, count << SegmentFormat.SuperblockBits, sums, _stride, _places.Slots);

        var left = chosen;
        if (bounds is not null && pass.AfterLeading is { } afterLeading && (_tested < TestedEnough || _passed < _tested * UselessShare))
        {
            left = _places.Refine(query, bounds.Celled, sums, needed);
            _tested += chosen;
            _passed += left;
            if (!query.Leading.IsEmpty)
            {
                AddCelled(query.Leading, _places.Scored);
                left = _places.Refine(query, afterLeading, sums, needed);
            }

            AddCelled(query.Trailing, _places.Scored);
        }
        else
        {
            AddCelled(query.Essential, _places.Scored);
        }

        if (takesNear)
        {
            TakeNear(query, pass.Documents, best!);
            return left;
        }

        AddCelled(query.Deferred, _places.Scored);
        if (best is not null && isUniform)
        {
            RaiseAtFirst(query, pass.Documents, best);
        }

        if (left == count)
        {
            _scan.Scan(query, sums, _stride, superblock << SegmentFormat.SuperblockBits, pass.Documents, best, pass.CountMatches);
            return left;
        }

        foreach (ref readonly var s in _places.Scored)
        {
            _scan.ScanSuperblock(query, sums, _stride, s, pass.Documents, best!);
        }

        return left;
    }

    /// <summary>Takes documents by their sums; those that deferred terms may bring above the threshold wait for them.</summary>
    private void TakeNear(SegmentQuery query, in AllowedDocuments documents, TopDocuments best)
    {
        var unit = query.Unit;
        var sums = _sums;
        var missing = CandidateScan.Needed(best.Threshold, unit) > query.DeferredSum ? query.DeferredSum : 0;
        if (missing == 0)
        {
            // Without them any document might be a hit.
            AddCelled(query.Deferred, _places.Scored);
        }

        RaiseAtFirst(query, documents, best);
        FindBlocks(CandidateScan.LeastNear(best.Threshold, unit, missing));
        if (missing > 0 && !query.LookupsPay(_scan.NearDocuments(_places.Scored.Length), _places.Scored.Length))
        {
            missing = 0;
            AddCelled(query.Deferred, _places.Scored);
            FindBlocks(CandidateScan.LeastNear(best.Threshold, unit, missing));
        }

        if (missing > 0)
        {
            while (_scan.FindNear(sums, _places, CandidateScan.LeastNear(best.Threshold, unit, missing), default, documents, out var near))
            {
                best.Announce(near, sums, unit);
                Waiting.Add(near, sums, _places);
            }

            return;
        }

        for (var ties = best.Ties(unit); _scan.FindNear(sums, _places, CandidateScan.Needed(best, unit, ties), ties, documents, out var near); ties = best.Ties(unit))
        {
            best.Add(near, sums, unit, _places);
        }
    }

    /// <summary>Finds where the group's sums are near the threshold.</summary>
    private void FindBlocks(uint needed)
    {
        _scan.BeginGroup(_stride);
        foreach (ref readonly var s in _places.Scored)
        {
            _scan.AddBlocks(_sums, s.Place, needed);
        }
    }

    /// <summary>In the first group of a search, raises the threshold by the sums of all its documents, so that few of them become candidates.</summary>
    private void RaiseAtFirst(SegmentQuery query, in AllowedDocuments documents, TopDocuments best)
    {
        if (!_hasLooked && best.Count == 0 && documents.All)
        {
            var unit = query.Unit;
            var needed = CandidateScan.Needed(best.Threshold, unit);
            var reached = _scan.ReachedBy(best.Wanted, _sums, _places.Scored, needed);
            if (reached > needed)
            {
                best.Raise(reached * unit);
            }
        }

        _hasLooked = true;
    }

    /// <summary>Makes room for sums, of undefined content.</summary>
    private uint* Begin(SegmentQuery query, int superblocks)
    {
        _stride = superblocks << SegmentFormat.SuperblockBits;
        _clause = 0;
        _mostOfSmallCells = SmallCell * (long)SegmentFormat.Superblocks(query.Segment.DocumentCount);
        _row.Clear();
        _sums = _memory.Ensure(_stride * query.ClauseCount);
        return _sums;
    }

    /// <param name="query">The query in its segment.</param>
    /// <param name="superblocks">Which.</param>
    private void Clear(SegmentQuery query, ReadOnlySpan<ScoredSuperblock> superblocks)
    {
        if (superblocks.Length << SegmentFormat.SuperblockBits == _stride)
        {
            new Span<uint>(_sums, _stride * query.ClauseCount).Clear();
            return;
        }

        foreach (var superblock in superblocks)
        {
            for (var clause = 0; clause < query.ClauseCount; clause++)
            {
                new Span<uint>(_sums + (clause * _stride) + superblock.Place, SegmentFormat.SuperblockSize).Clear();
            }
        }
    }

    /// <summary>Sums of a clause. What the row holds of another one is added first.</summary>
    private PlainSums Sums(int clause)
    {
        if (clause != _clause)
        {
            Flush();
            _clause = clause;
        }

        return new PlainSums(_sums + (clause * _stride));
    }

    /// <summary>Adds what is in the row.</summary>
    private void Flush()
    {
        var plain = new PlainSums(_sums + (_clause * _stride));
        _row.AddTo(ref plain);
    }

    private void AddCelled(ReadOnlySpan<QueryTerm> terms, ReadOnlySpan<ScoredSuperblock> superblocks)
    {
        if (superblocks.IsEmpty)
        {
            return;
        }

        var areNeighbours = superblocks.Length > 1 && superblocks[^1].Superblock - superblocks[0].Superblock == superblocks.Length - 1;
        for (var t = 0; t < terms.Length; t++)
        {
            ref readonly var term = ref terms[t];
            if (Sse.IsSupported)
            {
                Prefetch(terms, t, superblocks[0].Superblock);
            }

            var plain = Sums(term.Clause);
            var added = areNeighbours && term.Frequency < _mostOfSmallCells
                ? _row.AppendNeighbours(term.Celled, superblocks[0], superblocks.Length, term.Weight, ref plain)
                : _row.Append(term.Celled, superblocks, term.Weight, ref plain);
            if (added < 0)
            {
                throw term.Field.DamagedDirectory();
            }

            Postings += added;
        }

        Flush();
    }

    /// <summary>Asks for where the next term's postings start, and for the directory of the one after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(ReadOnlySpan<QueryTerm> terms, int t, int superblock)
    {
        if (t + 1 < terms.Length)
        {
            // A copy: by reference, the compiler keeps the loop's counter in memory.
            var list = terms[t + 1].Celled;
            var start = (byte*)list.PostingsOf(superblock);
            Sse.Prefetch0(start);
            Sse.Prefetch0(start + 64);
            Sse.Prefetch0(start + 128);
        }

        if (t + 2 < terms.Length)
        {
            Sse.Prefetch0(terms[t + 2].Celled.Offsets(superblock));
        }
    }
}
