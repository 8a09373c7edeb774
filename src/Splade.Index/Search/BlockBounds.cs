using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Upper bounds of what documents can score (block-max pruning: Ding and Suel 2011; over small blocks of reordered documents: Mallia et al., BMP, 2024;
/// on two levels: Carlson et al., SP, 2025; 4-bit ceilings: LSP, 2026). Sums of 16 bits in a unit so coarse that they can't overflow, every part rounded
/// up, so that a bound never lies below a score. Celled terms have bounds of blocks, sparse ones of superblocks; of flat ones the postings serve.
/// </summary>
internal sealed unsafe class BlockBounds
{
    /// <summary>Four bounds in 16 bits of a row, those of a superblock's blocks or of four superblocks; their sums go to four planes.</summary>
    private const int Planes = 4;

    /// <summary>Of units as integers.</summary>
    private const int FractionBits = 16;

    private readonly Scratch<ushort> _coarse = new();
    private readonly Scratch<ushort> _superblocks = new();

    /// <summary>What 1 in a bound is worth.</summary>
    public BoundUnit Unit { get; private set; }

    /// <summary>Bounds of the celled terms alone.</summary>
    public CelledBounds Celled { get; } = new();

    /// <summary>Bound of each superblock.</summary>
    public ushort* Superblocks { get; private set; }

    public int Count { get; private set; }

    /// <summary>Smallest bound that a superblock with a document of at least this score has, scaled by what an approximate search wants; at least 1.</summary>
    public int Needed(double score, SearchOptions options) => Math.Max(1, Unit.Needed(score / options.BoundScale));

    public void Compute(SegmentQuery query)
    {
        Count = SegmentFormat.Superblocks(query.Segment.DocumentCount);
        Unit = new BoundUnit(query.LargestScore / (ushort.MaxValue - ((SegmentFormat.BoundsLevels + 1) * query.TermCount)));
        Celled.Compute(query.Celled, Count, Unit);
        var stride = CelledBounds.StrideOf(SegmentFormat.RowBytes(Count));
        var coarse = _coarse.Ensure(stride * Planes);
        RowSums.Compute(query.Sparse, Unit, stride, coarse);
        AddLevels(query.Sparse, stride, coarse);
        foreach (ref readonly var term in query.Flat)
        {
            Scatter(query, term, coarse, stride);
        }

        Superblocks = _superblocks.Ensure(Count + SuperblockBounds.Padding);
        SuperblockBounds.Compute(Celled.Planes, Celled.Stride, coarse, stride, Count, Superblocks);
        new Span<ushort>(Superblocks + query.BoundedSuperblocks, Count - query.BoundedSuperblocks).Fill(ushort.MaxValue);
    }

    /// <summary>Adds rows of sparser terms, each level of a term replaced by what it is worth.</summary>
    private void AddLevels(ReadOnlySpan<QueryTerm> terms, int stride, ushort* planes)
    {
        var rows = stackalloc byte*[terms.Length];
        var levels = stackalloc LevelValues[terms.Length];
        var count = 0;
        foreach (ref readonly var term in terms)
        {
            if (term.HasLevels)
            {
                var most = term.LargestContribution;
                rows[count] = term.Row + SegmentFormat.LevelsHeader;
                levels[count++] = new LevelValues(
                    Unit.Ceiling(most * term.Row[0] / SegmentFormat.LevelsScale), Unit.Ceiling(most * term.Row[1] / SegmentFormat.LevelsScale), Unit.Ceiling(most));
            }
        }

        LevelSums.Add(rows, levels, count, stride, planes);
    }

    /// <summary>Adds to each superblock the largest contribution that a flat list has there.</summary>
    private void Scatter(SegmentQuery query, in QueryTerm term, ushort* planes, int stride)
    {
        var scale = query.Clauses[term.Clause];
        var most = Unit.Ceiling(term.LargestContribution);
        var documents = term.Flat.Documents;
        var impacts = term.Flat.Impacts;
        int position = 0, last = -1, largest = 0;
        while (position < term.Frequency)
        {
            var group = documents[position] >> SegmentFormat.RangeBits << (SegmentFormat.RangeBits - SegmentFormat.SuperblockBits);
            var unit = scale.UnitOf(group, Math.Min(Accumulator.GroupSize, Count - group));
            var isUniform = !double.IsNaN(unit);
            var units = isUniform ? (long)Math.Ceiling(Unit.Of(term.Weight * unit) * (1 << FractionBits)) : 0;
            for (; position < term.Frequency && documents[position] >> SegmentFormat.SuperblockBits is var superblock && superblock < group + Accumulator.GroupSize; position++)
            {
                // No more than the term's largest, or sums could overflow.
                // Without branches: none of the three can be predicted.
                var bound = isUniform ? (int)(((impacts[position] * units) >> FractionBits) + 1) : most;
                bound -= (bound - most) & ~((bound - most) >> 31);
                largest &= ((superblock ^ last) - 1) >> 31;
                last = superblock;
                var more = (bound - largest) & ~((bound - largest) >> 31);
                largest += more;
                planes[((superblock & 3) * stride) + (superblock >> 2)] += (ushort)more;
            }
        }
    }
}
