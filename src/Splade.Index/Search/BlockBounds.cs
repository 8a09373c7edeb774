using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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

    /// <summary>More than the rounding errors of sums of doubles.</summary>
    private const double Margin = 1e-9;

    private readonly Scratch<ushort> _fine = new();
    private readonly Scratch<ushort> _coarse = new();
    private readonly Scratch<ushort> _superblocks = new();
    private int _fineStride;

    /// <summary>Score of 1 in a bound.</summary>
    public double Unit { get; private set; }

    /// <summary>Bound of each superblock.</summary>
    public ushort* Superblocks { get; private set; }

    public int Count { get; private set; }

    /// <summary>Smallest bound that a superblock with a document of at least this score has.</summary>
    /// <param name="score">The score that is needed.</param>
    public int Needed(double score) => (int)Math.Min(ushort.MaxValue, Math.Floor(score / Unit * (1 - Margin)));

    /// <summary>The same, scaled by what an approximate search wants; at least 1.</summary>
    public int Needed(double score, SearchOptions options) => Math.Max(1, Needed(score / options.BoundScale));

    public void Compute(SegmentQuery query)
    {
        Count = SegmentFormat.Superblocks(query.Segment.DocumentCount);
        Unit = query.LargestScore / (ushort.MaxValue - ((SegmentFormat.BoundsLevels + 1) * query.TermCount));
        _fineStride = Stride(SegmentFormat.CelledRowBytes(Count));
        var coarseStride = Stride(SegmentFormat.RowBytes(Count));
        var fine = _fine.Ensure(_fineStride * Planes);
        var coarse = _coarse.Ensure(coarseStride * Planes);
        SumRows(query.Celled, _fineStride, fine);
        SumRows(query.Sparse, coarseStride, coarse);
        AddLevels(query.Sparse, coarseStride, coarse);
        foreach (ref readonly var term in query.Flat)
        {
            Scatter(query, term, coarse, coarseStride);
        }

        Superblocks = _superblocks.Ensure(Count + SuperblockBounds.Padding);
        SuperblockBounds.Compute(fine, _fineStride, coarse, coarseStride, Count, Superblocks);
    }

    /// <summary>
    /// Whether a block of a superblock may have a document that reaches a bound, when what sparse and flat terms add is known exactly.
    /// </summary>
    /// <param name="superblock">The superblock.</param>
    /// <param name="sums">What they add to each document.</param>
    /// <param name="unit">What 1 of these sums is worth.</param>
    /// <param name="needed">The bound.</param>
    public bool MayReach(int superblock, uint* sums, double unit, int needed)
    {
        var ratio = unit / Unit * (1 + Margin);
        var bounds = _fine.Pointer + superblock;
        if (Simd.Level != SimdLevel.Scalar && Avx2.IsSupported)
        {
            return BlockMaxima.MayReach(sums, bounds, _fineStride, (float)ratio, needed - 1);
        }

        for (var b = 0; b < SegmentFormat.SuperblockBlocks; b++)
        {
            var largest = 0u;
            for (var i = b << SegmentFormat.BlockBits; i < (b + 1) << SegmentFormat.BlockBits; i++)
            {
                largest = Math.Max(largest, sums[i]);
            }

            if (largest * ratio >= needed - 1 - bounds[b * _fineStride])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sums of a plane: words of a row, and what a vector that begins inside reads behind it, sums of no superblock.</summary>
    private static int Stride(long rowBytes) => ((int)(rowBytes / 2) + Vector512<ushort>.Count - 1) & -Vector512<ushort>.Count;

    /// <summary>A contribution in units, rounded up.</summary>
    private ushort Ceiling(double contribution) => (ushort)Math.Ceiling(contribution / Unit * (1 + Margin));

    /// <summary>Adds up rows of 4 bits, each multiplied by what a level of its term is worth.</summary>
    /// <param name="terms">The terms, with rows; those with 2 bits are left out.</param>
    /// <param name="length">16-bit words to read of a row, a multiple of 32.</param>
    /// <param name="planes">Takes the sums of the words' lowest bounds, then those of the second, and so on.</param>
    private void SumRows(ReadOnlySpan<QueryTerm> terms, int length, ushort* planes)
    {
        var rows = stackalloc ushort*[terms.Length];
        var levels = stackalloc ushort[terms.Length];
        var count = 0;
        foreach (ref readonly var term in terms)
        {
            if (!term.HasLevels)
            {
                rows[count] = (ushort*)term.Row;
                levels[count++] = Ceiling(term.LargestContribution / SegmentFormat.BoundsLevels);
            }
        }

        if (Simd.Level == SimdLevel.Vector512)
        {
            SumRows512(rows, levels, count, length, planes);
        }
        else if (Simd.Level == SimdLevel.Vector256)
        {
            SumRows256(rows, levels, count, length, planes);
        }
        else
        {
            SumRowsScalar(rows, levels, count, length, planes);
        }
    }

    private static void SumRows512(ushort** rows, ushort* levels, int count, int length, ushort* planes)
    {
        var mask = Vector512.Create((ushort)15);
        for (var i = 0; i < length; i += Vector512<ushort>.Count)
        {
            Vector512<ushort> a = default, b = default, c = default, d = default;
            for (var t = 0; t < count; t++)
            {
                var row = Vector512.Load(rows[t] + i);
                var level = Vector512.Create(levels[t]);
                a += (row & mask) * level;
                b += ((row >>> 4) & mask) * level;
                c += ((row >>> 8) & mask) * level;
                d += (row >>> 12) * level;
            }

            a.Store(planes + i);
            b.Store(planes + length + i);
            c.Store(planes + (2 * length) + i);
            d.Store(planes + (3 * length) + i);
        }
    }

    private static void SumRows256(ushort** rows, ushort* levels, int count, int length, ushort* planes)
    {
        var mask = Vector256.Create((ushort)15);
        for (var i = 0; i < length; i += Vector256<ushort>.Count)
        {
            Vector256<ushort> a = default, b = default, c = default, d = default;
            for (var t = 0; t < count; t++)
            {
                var row = Vector256.Load(rows[t] + i);
                var level = Vector256.Create(levels[t]);
                a += (row & mask) * level;
                b += ((row >>> 4) & mask) * level;
                c += ((row >>> 8) & mask) * level;
                d += (row >>> 12) * level;
            }

            a.Store(planes + i);
            b.Store(planes + length + i);
            c.Store(planes + (2 * length) + i);
            d.Store(planes + (3 * length) + i);
        }
    }

    private static void SumRowsScalar(ushort** rows, ushort* levels, int count, int length, ushort* planes)
    {
        new Span<ushort>(planes, length * Planes).Clear();
        for (var t = 0; t < count; t++)
        {
            for (var i = 0; i < length; i++)
            {
                for (var plane = 0; plane < Planes; plane++)
                {
                    planes[(plane * length) + i] += (ushort)(((rows[t][i] >> (plane * SegmentFormat.BoundBits)) & 15) * levels[t]);
                }
            }
        }
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
                    Ceiling(most * term.Row[0] / SegmentFormat.LevelsScale), Ceiling(most * term.Row[1] / SegmentFormat.LevelsScale), Ceiling(most));
            }
        }

        LevelSums.Add(rows, levels, count, stride, planes);
    }

    /// <summary>Adds to each superblock the largest contribution that a flat list has there.</summary>
    private void Scatter(SegmentQuery query, in QueryTerm term, ushort* planes, int stride)
    {
        var scale = query.Clauses[term.Clause];
        var most = Ceiling(term.LargestContribution);
        var units = (long)Math.Ceiling(term.Weight * scale.Unit / Unit * (1 + Margin) * (1 << FractionBits));
        var documents = term.Flat.Documents;
        var impacts = term.Flat.Impacts;
        int position = 0, last = -1, largest = 0;
        for (var r = 0; r < term.Flat.RangeCount; r++)
        {
            var first = term.Flat.FirstDocument(r);
            for (var end = position + term.Flat.Count(r); position < end; position++)
            {
                var document = first | documents[position];
                var superblock = document >> SegmentFormat.SuperblockBits;
                if (superblock >= Count)
                {
                    throw term.Field.DamagedDirectory();
                }

                // No more than the term's largest, or sums could overflow.
                // Without branches: none of the three can be predicted.
                var bound = scale.Shifts == null ? (int)(((impacts[position] * units) >> FractionBits) + 1) : most;
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
