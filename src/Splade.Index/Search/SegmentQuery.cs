using Splade.Index.Codecs;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>A query bound to a segment: its terms, and what integer sums are worth there. Reused by its thread.</summary>
internal sealed unsafe class SegmentQuery
{
    private QueryTerm[] _terms = new QueryTerm[64];
    private ClauseScale[] _clauses = new ClauseScale[1];
    private long _k;

    public Segment Segment { get; private set; } = null!;

    /// <summary>Celled terms first.</summary>
    public Span<QueryTerm> Terms => _terms.AsSpan(0, TermCount);

    public int TermCount { get; private set; }

    public int CelledCount { get; private set; }

    public ReadOnlySpan<ClauseScale> Clauses => _clauses.AsSpan(0, ClauseCount);

    public int ClauseCount { get; private set; }

    /// <summary>One clause whose documents have one scale: scores are integers times a constant.</summary>
    public bool IsUniform => ClauseCount == 1 && _clauses[0].Shifts == null;

    /// <summary>Blocks of the bounds; the same for all celled terms.</summary>
    public int BlockBits { get; private set; }

    /// <summary>Postings of all terms.</summary>
    public long Postings { get; private set; }

    /// <summary>Postings of the terms with bounds.</summary>
    public long BoundedPostings { get; private set; }

    /// <summary>Frequency of the most frequent term.</summary>
    public int LargestFrequency { get; private set; }

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
        (TermCount, CelledCount, ClauseCount, Postings, BoundedPostings, LargestFrequency, BlockBits) = (0, 0, 0, 0, 0, 0, SegmentFormat.SuperblockBits);
        foreach (var clause in query.Clauses)
        {
            if (clause.Features.Length > 0 && segment.Field(clause.Field) is { } field)
            {
                Bind(clause, field);
            }
        }

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
        if (TermCount == _terms.Length)
        {
            Array.Resize(ref _terms, TermCount * 2);
        }

        var term = new QueryTerm
        {
            Weight = weight,
            Clause = ClauseCount,
            Frequency = entry.Frequency,
            LargestContribution = weight * clause.Step * entry.Largest,
            Kind = entry.Kind,
            Field = field,
        };
        Reached = Math.Max(Reached, weight * clause.Step * entry.AtLeast(_k));
        Postings += entry.Frequency;
        LargestFrequency = Math.Max(LargestFrequency, entry.Frequency);
        BlockBits = field.BlockBits;
        if (entry.Kind != ListKind.Celled)
        {
            BoundedPostings += entry.Kind == ListKind.Sparse ? entry.Frequency : 0;
            term.Sparse = entry.Kind == ListKind.Sparse ? field.Sparse(entry) : default;
            term.Flat = entry.Kind == ListKind.Flat ? field.Flat(entry) : default;
            _terms[TermCount++] = term;
            return;
        }

        term.Celled = field.Celled(entry);
        term.Row = field.Row(entry);
        BoundedPostings += entry.Frequency;
        _terms[TermCount++] = _terms[CelledCount];
        _terms[CelledCount++] = term;
    }
}

/// <summary>What the integer sums of a clause are worth in a segment.</summary>
internal readonly unsafe struct ClauseScale(double step, FieldPostings field)
{
    public readonly double Unit = step * Impact.PowerOfTwo(field.BaseExponent);
    public readonly byte* Shifts = field.Shifts;
    public readonly int LargestShift = field.LargestShift;
    private readonly double _step = step;
    private readonly int _exponent = field.BaseExponent;

    /// <summary>Exactly the step times a power of two, whatever the segment's base exponent.</summary>
    public double ScaleOf(int shift) => _step * Impact.PowerOfTwo(_exponent + shift);
}
