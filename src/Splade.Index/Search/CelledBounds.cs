using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Upper bounds of what celled terms add to the documents of each block, in four planes: block b of superblock s is in plane b, at s.</summary>
internal sealed unsafe class CelledBounds
{
    private readonly Scratch<ushort> _planes = new();
    private BoundUnit _unit;

    public ushort* Planes => _planes.Pointer;

    /// <summary>Bounds of a plane, with what a vector that begins inside reads behind it.</summary>
    public int Stride { get; private set; }

    /// <param name="terms">The terms, celled.</param>
    /// <param name="superblocks">Of the segment.</param>
    /// <param name="unit">What 1 of a bound is worth.</param>
    public void Compute(ReadOnlySpan<QueryTerm> terms, int superblocks, BoundUnit unit)
    {
        _unit = unit;
        Stride = StrideOf(SegmentFormat.CelledRowBytes(superblocks));
        RowSums.Compute(terms, unit, Stride, _planes.Ensure(Stride * SegmentFormat.SuperblockBlocks));
    }

    /// <summary>Whether a block of a superblock may have a document that reaches a bound, when what all other terms add is known exactly.</summary>
    /// <param name="query">The query in its segment.</param>
    /// <param name="superblock">The superblock.</param>
    /// <param name="sums">What they add to each document.</param>
    /// <param name="needed">The bound.</param>
    public bool MayReach(SegmentQuery query, int superblock, uint* sums, int needed)
    {
        var unit = query.UnitOf(superblock);
        if (double.IsNaN(unit) || superblock >= query.BoundedSuperblocks)
        {
            return true;
        }

        var ratio = _unit.Of(unit);
        var bounds = Planes + superblock;
        if (Simd.Level != SimdLevel.Scalar && Avx2.IsSupported)
        {
            return BlockMaxima.MayReach(sums, bounds, Stride, (float)ratio, needed - 1);
        }

        for (var b = 0; b < SegmentFormat.SuperblockBlocks; b++)
        {
            var largest = 0u;
            for (var i = b << SegmentFormat.BlockBits; i < (b + 1) << SegmentFormat.BlockBits; i++)
            {
                largest = Math.Max(largest, sums[i]);
            }

            if (largest * ratio >= needed - 1 - bounds[b * Stride])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sums of a plane: words of a row, and what a vector that begins inside reads behind it, sums of no superblock.</summary>
    public static int StrideOf(long rowBytes) => ((int)(rowBytes / 2) + Vector512<ushort>.Count - 1) & -Vector512<ushort>.Count;
}
