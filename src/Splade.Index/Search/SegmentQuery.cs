using Splade.Index.Codecs;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>A query bound to a segment: its terms, and what integer sums are worth there. Reused by its thread.</summary>
internal sealed unsafe class SegmentQuery
{
    private readonly QueryTerms _celled = new();
    private readonly QueryTerms _sparse = new();
    private readonly QueryTerms _flat = new();
    private ClauseScale[] _clauses = new ClauseScale[1];
    private long _k;

    public Segment Segment { get; private set; } = null!;

    public Span<QueryTerm> Celled => _celled.Span;

    public Span<QueryTerm> Sparse => _sparse.Span;

    public Span<QueryTerm> Flat => _flat.Span;

    public int TermCount => _celled.Count + _sparse.Count + _flat.Count;

    public ReadOnlySpan<ClauseScale> Clauses => _clauses.AsSpan(0, ClauseCount);

    public int ClauseCount { get; private set; }

    /// <summary>One clause whose documents have one scale: scores are integers times a constant.</summary>
    public bool IsUniform => ClauseCount == 1 && _clauses[0].Shifts == null;

    /// <summary>Blocks of the celled terms' bounds.</summary>
    public int BlockBits { get; private set; }

    /// <summary>Whether bounds can be summed: there are some, and all over the same blocks.</summary>
    public bool IsBounded { get; private set; }

    /// <summary>Postings of all terms.</summary>
    public long Postings => _celled.Postings + _sparse.Postings + _flat.Postings;

    /// <summary>Postings of the sparse and flat terms.</summary>
    public long UncelledPostings => _sparse.Postings + _flat.Postings;

    /// <summary>A score that no document exceeds.</summary>
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
        Segment = segment;
        ClauseCount = 0;
        BlockBits = 0;
        IsBounded = true;
        _celled.Clear();
        _sparse.Clear();
        _flat.Clear();
        foreach (var clause in query.Clauses)
        {
            if (clause.Features.Length > 0 && segment.Field(clause.Field) is { } field)
            {
                Bind(clause, field);
            }
        }

        IsBounded &= _celled.Count + _sparse.Count > 0;
        BlockBits = BlockBits == 0 ? SegmentFormat.MaxBlockBits : BlockBits;
        return TermCount > 0;
    }

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

    private void Bind(PreparedQuery.Clause clause, FieldPostings field)
    {
        var before = TermCount;
        foreach (var feature in clause.Features)
        {
            var term = field.Find(feature.Utf8);
            if (term >= 0)
            {
                Add(clause, feature.Weight, field, field.Entry(term));
            }
        }

        if (TermCount == before)
        {
            return;
        }

        if (ClauseCount == _clauses.Length)
        {
            Array.Resize(ref _clauses, ClauseCount * 2);
        }

        _clauses[ClauseCount++] = new ClauseScale(clause.Step, field);
    }

    private void Add(PreparedQuery.Clause clause, uint weight, FieldPostings field, in TermEntry entry)
    {
        var term = new QueryTerm
        {
            Weight = weight,
            Clause = ClauseCount,
            Frequency = entry.Frequency,
            LargestContribution = weight * clause.Step * entry.Largest,
            Field = field,
        };
        Reached = Math.Max(Reached, weight * clause.Step * entry.AtLeast(_k));
        switch (entry.Kind)
        {
            case ListKind.Celled:
                term.Celled = field.Celled(entry);
                term.Row = field.Row(entry);
                IsBounded &= BlockBits == 0 || BlockBits == field.BlockBits;
                BlockBits = field.BlockBits;
                _celled.Add(term);
                break;
            case ListKind.Sparse or ListKind.Sparser:
                term.Sparse = field.Sparse(entry);
                term.HasLevels = entry.Kind == ListKind.Sparser;
                term.Row = field.Row(entry);
                _sparse.Add(term);
                break;
            default:
                term.Flat = field.Flat(entry);
                _flat.Add(term);
                break;
        }
    }
}

/// <summary>What the integer sums of a clause are worth in a segment.</summary>
internal readonly unsafe struct ClauseScale(double step, FieldPostings field)
{
    public readonly byte* Shifts = field.Shifts;
    private readonly double _step = step;
    private readonly int _exponent = field.BaseExponent;

    /// <summary>What 1 is worth in a document with the smallest scale.</summary>
    public double Unit => ScaleOf(0);

    /// <summary>Exactly the step times a power of two, whatever the segment's base exponent.</summary>
    public double ScaleOf(int shift) => _step * Impact.PowerOfTwo(_exponent + shift);
}
