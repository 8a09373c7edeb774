using Splade.Index.Codecs;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>A query bound to a segment: its terms, and what integer sums are worth there. Reused by its thread.</summary>
internal sealed unsafe class SegmentQuery
{
    /// <summary>
    /// Share of the threshold that deferred terms may add: for few hits, and for so many that every second superblock may hold one, which bring more documents
    /// near. And the postings from which looking a term up for each hit is cheaper.
    /// </summary>
    private const double DeferredShareOfFew = 0.2;
    private const double DeferredShareOfMany = 0.1;
    private const int DeferredPostingsPerHit = 10;

    /// <summary>
    /// A term is looked up in the time that so many postings are added. Before it is out, a document is looked up in some terms only, where there are many.
    /// </summary>
    private const double PostingsPerLookup = 20;
    private const int LookupsPerDocument = 6;

    /// <summary>The threshold as a share of the largest possible score, while nothing better is known.</summary>
    private const double LikelyThreshold = 0.2;

    private readonly QueryTerms _celled = new();
    private readonly QueryTerms _sparse = new();
    private readonly QueryTerms _flat = new();
    private readonly Scratch<int> _documents = new();
    private ClauseScale[] _clauses = new ClauseScale[1];
    private long _k;
    private int _deferred;
    private double _mostDeferred;

    public Segment Segment { get; private set; } = null!;

    public Span<QueryTerm> Celled => _celled.Span;

    /// <summary>Celled terms that are added everywhere.</summary>
    public Span<QueryTerm> Essential => _celled.Span[..^_deferred];

    /// <summary>The half of the essential terms that <see cref="OrderEssential"/> has put first.</summary>
    public Span<QueryTerm> Leading => Essential[..(Essential.Length / 2)];

    /// <summary>The other essential terms.</summary>
    public Span<QueryTerm> Trailing => Essential[(Essential.Length / 2)..];

    /// <summary>Celled terms that are looked up in documents near the threshold, see <see cref="Defer"/>.</summary>
    public Span<QueryTerm> Deferred => _celled.Span[^_deferred..];

    /// <summary>The most that the deferred terms add to a document.</summary>
    public uint DeferredSum { get; private set; }

    /// <summary>Postings of all other terms.</summary>
    public long EssentialPostings => Postings - DeferredPostings;

    /// <summary>Postings of the deferred terms.</summary>
    public long DeferredPostings { get; private set; }

    public Span<QueryTerm> Sparse => _sparse.Span;

    public Span<QueryTerm> Flat => _flat.Span;

    public int TermCount => _celled.Count + _sparse.Count + _flat.Count;

    public ReadOnlySpan<ClauseScale> Clauses => _clauses.AsSpan(0, ClauseCount);

    public int ClauseCount { get; private set; }

    /// <summary>What 1 of the sums of deferred terms is worth, see <see cref="UseUnit"/>.</summary>
    public double Unit { get; private set; }

    /// <summary>Superblocks, from the first on, in which no document scores more than bounds and <see cref="LargestScore"/> say.</summary>
    public int BoundedSuperblocks { get; private set; }

    /// <summary>Whether there are bounds to sum.</summary>
    public bool IsBounded => _celled.Count + _sparse.Count > 0;

    /// <summary>Postings of all terms.</summary>
    public long Postings => _celled.Postings + _sparse.Postings + _flat.Postings;

    /// <summary>Postings of the sparse and flat terms.</summary>
    public long UncelledPostings => _sparse.Postings + _flat.Postings;

    /// <summary>A score that no document exceeds in the bounded superblocks.</summary>
    public double LargestScore => _celled.LargestContributions + _sparse.LargestContributions + _flat.LargestContributions;

    /// <summary>A score that at least k documents reach, deleted ones included; 0 when none is known.</summary>
    public double Reached { get; private set; }

    /// <param name="segment">Where to search.</param>
    /// <param name="query">What to search.</param>
    /// <param name="k">Documents that shall reach <see cref="Reached"/>.</param>
    /// <returns>False when no feature is in the segment.</returns>
    public bool Bind(Segment segment, PreparedQuery query, long k)
    {
        _k = k;
        Reached = 0;
        Undefer();
        Segment = segment;
        BoundedSuperblocks = SegmentFormat.Superblocks(segment.DocumentCount);
        ClauseCount = 0;
        _celled.Clear();
        _sparse.Clear();
        _flat.Clear();
        foreach (ref readonly var clause in query.Clauses)
        {
            if (clause.Count > 0 && segment.Field(clause.Field) is { } field)
            {
                Bind(query, clause, field);
            }
        }

        ReadFlat();
        Unit = UnitOf(0);
        return TermCount > 0;
    }

    /// <summary>What 1 of a sum is worth in a superblock whose documents have one scale: scores there are integers times this. Else no number, as with several clauses.</summary>
    public double UnitOf(int superblock) => ClauseCount == 1 ? _clauses[0].UnitOf(superblock) : double.NaN;

    /// <summary>The same for neighbouring superblocks.</summary>
    public double UnitOf(int superblock, int count) => ClauseCount == 1 ? _clauses[0].UnitOf(superblock, count) : double.NaN;

    /// <summary>Goes on to superblocks of another scale.</summary>
    public void UseUnit(double unit)
    {
        Unit = unit;
        MeasureDeferred();
    }

    /// <summary>
    /// Chooses the terms to defer: those with the most postings for what they add to a score, as long as they add little to the threshold together.
    /// </summary>
    /// <param name="threshold">A score that a hit needs.</param>
    public void Defer(double threshold)
    {
        if (double.IsNaN(Unit))
        {
            return;
        }

        var share = _k * 2 < SegmentFormat.Superblocks(Segment.DocumentCount) ? DeferredShareOfFew : DeferredShareOfMany;
        var most = Math.Max(threshold, LargestScore * LikelyThreshold) * share;
        if (most == _mostDeferred)
        {
            return;
        }

        Undefer();
        _mostDeferred = most;
        var terms = Celled;
        for (var left = most; _deferred < terms.Length; _deferred++)
        {
            // The dearest of the others goes to their end.
            var others = terms[..^_deferred];
            var dearest = others.Length - 1;
            for (var i = dearest - 1; i >= 0; i--)
            {
                dearest = others[i].PostingsPerScore > others[dearest].PostingsPerScore ? i : dearest;
            }

            left -= others[dearest].LargestContribution;
            if (left < 0 || others[dearest].Frequency < _k * DeferredPostingsPerHit)
            {
                break;
            }

            if (dearest < others.Length - 1)
            {
                (others[dearest], others[^1]) = (others[^1], others[dearest]);
            }

            DeferredPostings += others[^1].Frequency;
        }

        MeasureDeferred();
    }

    /// <summary>Whether looking the deferred terms up costs less than adding them.</summary>
    /// <param name="near">Documents in which they would be looked up.</param>
    /// <param name="superblocks">Superblocks in which they would be added.</param>
    public bool LookupsPay(double near, int superblocks) => near * Math.Min(_deferred, LookupsPerDocument) * PostingsPerLookup
        < DeferredPostings * (double)superblocks / SegmentFormat.Superblocks(Segment.DocumentCount);

    /// <summary>Puts those essential terms first that add the most for their postings: after them bounds of the others exclude the most.</summary>
    public void OrderEssential() => Essential.Sort(static (a, b) => a.PostingsPerScore.CompareTo(b.PostingsPerScore));

    private void MeasureDeferred()
    {
        DeferredSum = 0;
        foreach (ref var term in Deferred)
        {
            // The largest contribution may be that of a document of another scale, which would not fit.
            term.LargestSum = (uint)Math.Min(Math.Ceiling(term.LargestContribution / Unit * (1 + 1e-9)), (double)term.Weight * Impact.MaxCode);
            DeferredSum += term.LargestSum;
        }
    }

    private void Undefer() => (_deferred, _mostDeferred, DeferredSum, DeferredPostings) = (0, 0, 0, 0);

    /// <summary>Exact score of a document from its sums.</summary>
    public double Score(uint* sums, int stride, int place, int document)
    {
        var score = 0.0;
        for (var c = 0; c < ClauseCount; c++)
        {
            ref readonly var clause = ref _clauses[c];
            var shift = clause.Shifts == null ? 0 : clause.Shifts[document];
            score += sums[(c * stride) + place] * clause.ScaleOf(shift);
        }

        return score;
    }

    private void Bind(PreparedQuery query, in PreparedQuery.Clause clause, FieldPostings field)
    {
        var before = TermCount;
        var features = query.FeaturesOf(clause);
        field.Prefetch(features);
        foreach (ref readonly var feature in features)
        {
            var term = field.Find(query.NameOf(feature), feature.Hash);
            if (term >= 0)
            {
                Add(clause, feature.Weight, field, field.Entry(term));
            }
        }

        if (TermCount == before)
        {
            return;
        }

        BoundedSuperblocks = Math.Min(BoundedSuperblocks, field.BoundedSuperblocks);
        if (ClauseCount == _clauses.Length)
        {
            Array.Resize(ref _clauses, ClauseCount * 2);
        }

        _clauses[ClauseCount++] = new ClauseScale(clause.Step, field);
    }

    private void Add(in PreparedQuery.Clause clause, uint weight, FieldPostings field, in TermEntry entry)
    {
        var largest = weight * clause.Step * entry.Weights.Largest;
        Reached = Math.Max(Reached, weight * clause.Step * entry.Weights.AtLeast(_k));
        var kind = entry.Kind;
        ref var term = ref (kind == ListKind.Celled ? _celled : kind == ListKind.Flat ? _flat : _sparse).Add(entry.Frequency, largest);
        term.Begin(field, ClauseCount, weight, entry, largest);
        switch (kind)
        {
            case ListKind.Celled:
                term.Celled = field.Celled(entry);
                term.PostingsPerScore = entry.Frequency / largest;
                term.Row = field.Row(entry);
                break;
            case ListKind.Sparse or ListKind.Sparser:
                term.Sparse = field.Sparse(entry);
                term.HasLevels = kind == ListKind.Sparser;
                term.Row = field.Row(entry);
                break;
        }
    }

    /// <summary>Unpacks the flat lists, once it is known how much room they need.</summary>
    private void ReadFlat()
    {
        var room = 0;
        foreach (ref readonly var term in Flat)
        {
            room = checked(room + PackedGaps.Room(term.Frequency));
        }

        var documents = _documents.Ensure(room);
        var terms = Flat;
        for (var t = 0; t < terms.Length; t++)
        {
            if (t + 1 < terms.Length)
            {
                terms[t + 1].Field.PrefetchFlat(terms[t + 1].Offset, terms[t + 1].Frequency);
            }

            ref var term = ref terms[t];
            term.Flat = term.Field.Flat(term.Offset, term.Frequency, documents);
            documents += PackedGaps.Room(term.Frequency);
        }
    }
}

/// <summary>What the integer sums of a clause are worth in a segment.</summary>
internal readonly unsafe struct ClauseScale(double step, FieldPostings field)
{
    public readonly byte* Shifts = field.Shifts;
    private readonly byte[]? _superblockShifts = field.SuperblockShifts;
    private readonly double _step = step;
    private readonly int _exponent = field.BaseExponent;

    /// <summary>What 1 is worth in a superblock; no number where documents have several scales.</summary>
    public double UnitOf(int superblock) =>
        _superblockShifts is null ? ScaleOf(0)
        : _superblockShifts[superblock] is var shift && shift != FieldPostings.SeveralShifts ? ScaleOf(shift)
        : double.NaN;

    /// <summary>The same for neighbouring superblocks.</summary>
    public double UnitOf(int superblock, int count) =>
        _superblockShifts is null || !_superblockShifts.AsSpan(superblock, count).ContainsAnyExcept(_superblockShifts[superblock]) ? UnitOf(superblock) : double.NaN;

    /// <summary>Exactly the step times a power of two, whatever the segment's base exponent.</summary>
    public double ScaleOf(int shift) => _step * Impact.PowerOfTwo(_exponent + shift);
}
