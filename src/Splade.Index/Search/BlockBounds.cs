using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Upper bounds of what documents of a block can score (block-max pruning: Ding and Suel 2011; over small blocks of reordered documents: Mallia et al.,
/// BMP, 2024). Sums of 16 bits in a unit so coarse that they can't overflow, every part rounded up, so that a bound never lies below a score.
/// Celled terms have a row of 4-bit levels: a shuffle looks up what a level adds, for 64 blocks at a time. Flat lists are scattered.
/// </summary>
internal sealed unsafe class BlockBounds
{
    private const double Range = 60_000;

    /// <summary>More than the rounding errors of sums of doubles.</summary>
    private const double Margin = 1e-9;

    private readonly Scratch<ushort> _blocks = new();
    private readonly Scratch<ushort> _superblocks = new();
    private readonly Scratch<byte> _tables = new();

    /// <summary>Score of 1 in a bound.</summary>
    public double Unit { get; private set; }

    /// <summary>Bound of each superblock: that of its best block.</summary>
    public ushort* Superblocks { get; private set; }

    public int Count { get; private set; }

    /// <summary>Smallest bound that a superblock with a document of at least this score has.</summary>
    /// <param name="score">The score that is needed.</param>
    public int Needed(double score) => (int)Math.Min(ushort.MaxValue, Math.Floor(score / Unit * (1 - Margin)));

    public void Compute(SegmentQuery query)
    {
        var documents = query.Segment.DocumentCount;
        Count = SegmentFormat.Superblocks(documents);
        var blocks = SegmentFormat.BlockCount(documents, query.BlockBits);
        var groups = (blocks + SegmentFormat.BoundsGroup - 1) / SegmentFormat.BoundsGroup;
        var sums = _blocks.Ensure(groups * SegmentFormat.BoundsGroup);
        Superblocks = _superblocks.Ensure(Count);

        var total = 0.0;
        foreach (ref readonly var term in query.Terms)
        {
            total += term.LargestContribution;
        }

        Unit = total / (Range - query.TermCount);
        SumRows(query, groups, sums);
        for (var t = query.CelledCount; t < query.TermCount; t++)
        {
            if (query.Terms[t].Kind == ListKind.Sparse)
            {
                AddCells(query.Terms[t], sums, blocks);
            }
            else
            {
                Scatter(query, query.Terms[t], sums);
            }
        }

        Reduce(sums, SegmentFormat.SuperblockBits - query.BlockBits);
    }

    /// <summary>A contribution in units, rounded up.</summary>
    private ushort Ceiling(double contribution) => (ushort)Math.Ceiling(contribution / Unit * (1 + Margin));

    private void SumRows(SegmentQuery query, int groups, ushort* sums)
    {
        // Per term: 16 low bytes, then 16 high bytes, of what each level adds.
        var tables = _tables.Ensure(query.CelledCount * 32);
        for (var t = 0; t < query.CelledCount; t++)
        {
            for (var level = 0; level <= SegmentFormat.BoundsLevels; level++)
            {
                var bound = Ceiling(query.Terms[t].LargestContribution * level / SegmentFormat.BoundsLevels);
                tables[(t * 32) + level] = (byte)bound;
                tables[(t * 32) + 16 + level] = (byte)(bound >> 8);
            }
        }

        if (Avx512BW.IsSupported && Simd.Level >= SimdLevel.Avx512)
        {
            SumRows512(query.Terms[..query.CelledCount], tables, groups, sums);
        }
        else if (Avx2.IsSupported && Simd.Level >= SimdLevel.Avx2)
        {
            SumRows256(query.Terms[..query.CelledCount], tables, groups, sums);
        }
        else
        {
            SumRowsScalar(query.Terms[..query.CelledCount], tables, groups, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumRows512(ReadOnlySpan<QueryTerm> terms, byte* tables, int groups, ushort* sums)
    {
        var nibble = Vector512.Create((byte)15);
        var firstHalf = Vector512.Create(0ul, 1, 8, 9, 2, 3, 10, 11);
        var secondHalf = Vector512.Create(4ul, 5, 12, 13, 6, 7, 14, 15);
        for (var group = 0; group < groups; group++)
        {
            Vector512<ushort> low0 = default, low1 = default, high0 = default, high1 = default;
            for (var t = 0; t < terms.Length; t++)
            {
                var levels = Vector512.Load(terms[t].Row + (group * 64L));
                var bytes = Avx512F.BroadcastVector128ToVector512((int*)(tables + (t * 32))).AsByte();
                var highBytes = Avx512F.BroadcastVector128ToVector512((int*)(tables + (t * 32) + 16)).AsByte();
                var low = levels & nibble;
                var high = (levels.AsUInt16() >>> 4).AsByte() & nibble;
                var a = Avx512BW.Shuffle(bytes, low);
                var b = Avx512BW.Shuffle(highBytes, low);
                low0 += Avx512BW.UnpackLow(a, b).AsUInt16();
                low1 += Avx512BW.UnpackHigh(a, b).AsUInt16();
                a = Avx512BW.Shuffle(bytes, high);
                b = Avx512BW.Shuffle(highBytes, high);
                high0 += Avx512BW.UnpackLow(a, b).AsUInt16();
                high1 += Avx512BW.UnpackHigh(a, b).AsUInt16();
            }

            // Unpacking works within 16 bytes; this puts blocks back into their order.
            var target = (ulong*)(sums + (group * SegmentFormat.BoundsGroup));
            Avx512F.PermuteVar8x64x2(low0.AsUInt64(), firstHalf, low1.AsUInt64()).Store(target);
            Avx512F.PermuteVar8x64x2(low0.AsUInt64(), secondHalf, low1.AsUInt64()).Store(target + 8);
            Avx512F.PermuteVar8x64x2(high0.AsUInt64(), firstHalf, high1.AsUInt64()).Store(target + 16);
            Avx512F.PermuteVar8x64x2(high0.AsUInt64(), secondHalf, high1.AsUInt64()).Store(target + 24);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumRows256(ReadOnlySpan<QueryTerm> terms, byte* tables, int groups, ushort* sums)
    {
        var nibble = Vector256.Create((byte)15);
        for (var half = 0; half < groups * 2; half++)
        {
            Vector256<ushort> low0 = default, low1 = default, high0 = default, high1 = default;
            for (var t = 0; t < terms.Length; t++)
            {
                var levels = Vector256.Load(terms[t].Row + (half * 32L));
                var bytes = Avx2.BroadcastVector128ToVector256(tables + (t * 32));
                var highBytes = Avx2.BroadcastVector128ToVector256(tables + (t * 32) + 16);
                var low = levels & nibble;
                var high = (levels.AsUInt16() >>> 4).AsByte() & nibble;
                var a = Avx2.Shuffle(bytes, low);
                var b = Avx2.Shuffle(highBytes, low);
                low0 += Avx2.UnpackLow(a, b).AsUInt16();
                low1 += Avx2.UnpackHigh(a, b).AsUInt16();
                a = Avx2.Shuffle(bytes, high);
                b = Avx2.Shuffle(highBytes, high);
                high0 += Avx2.UnpackLow(a, b).AsUInt16();
                high1 += Avx2.UnpackHigh(a, b).AsUInt16();
            }

            var target = sums + ((half >> 1) * SegmentFormat.BoundsGroup) + ((half & 1) * 32);
            Avx2.Permute2x128(low0, low1, 0x20).Store(target);
            Avx2.Permute2x128(low0, low1, 0x31).Store(target + 16);
            Avx2.Permute2x128(high0, high1, 0x20).Store(target + 64);
            Avx2.Permute2x128(high0, high1, 0x31).Store(target + 80);
        }
    }

    private static void SumRowsScalar(ReadOnlySpan<QueryTerm> terms, byte* tables, int groups, ushort* sums)
    {
        new Span<ushort>(sums, groups * SegmentFormat.BoundsGroup).Clear();
        for (var t = 0; t < terms.Length; t++)
        {
            var table = tables + (t * 32);
            for (var i = 0; i < groups * 64; i++)
            {
                var levels = terms[t].Row[i];
                var target = sums + ((i >> 6) * SegmentFormat.BoundsGroup) + (i & 63);
                target[0] += (ushort)(table[levels & 15] | (table[16 + (levels & 15)] << 8));
                target[64] += (ushort)(table[levels >> 4] | (table[16 + (levels >> 4)] << 8));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddCells(in QueryTerm term, ushort* sums, int blocks)
    {
        var table = stackalloc ushort[16];
        for (var level = 0; level <= SegmentFormat.BoundsLevels; level++)
        {
            table[level] = Ceiling(term.LargestContribution * level / SegmentFormat.BoundsLevels);
        }

        var cells = term.Sparse.Cells;
        var inRange = term.Sparse.Blocks;
        var cell = 0;
        for (var r = 0; r < term.Sparse.RangeCount; r++)
        {
            var first = term.Sparse.Ranges[r].First;
            for (var end = cell + term.Sparse.Ranges[r].Count; cell < end; cell++)
            {
                var block = first + inRange[cell];
                if (block >= blocks)
                {
                    throw term.Field.DamagedDirectory();
                }

                sums[block] += table[cells[cell] & 15];
            }
        }
    }

    /// <summary>Adds the largest contribution of a flat list to each block that it has documents in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scatter(SegmentQuery query, in QueryTerm term, ushort* sums)
    {
        var scale = query.Clauses[term.Clause];
        var table = stackalloc ushort[256];
        for (var impact = 0; impact < 256; impact++)
        {
            // Sums must stay within the range, so nothing may exceed the term's largest contribution.
            table[impact] = Ceiling(Math.Min(term.Weight * impact * scale.Unit, term.LargestContribution));
        }

        var blockBits = query.BlockBits;
        var documents = term.Flat.Documents;
        var impacts = term.Flat.Impacts;
        var position = 0;
        var lastBlock = -1;
        var largest = 0;
        for (var r = 0; r < term.Flat.RangeCount; r++)
        {
            var first = term.Flat.Ranges[r].First;
            for (var end = position + term.Flat.Ranges[r].Count; position < end; position++)
            {
                var document = first | documents[position];
                var block = document >> blockBits;
                if (document >= query.Segment.DocumentCount)
                {
                    throw term.Field.DamagedDirectory();
                }

                var bound = scale.Shifts == null
                    ? table[impacts[position]]
                    : Ceiling(Math.Min(term.Weight * impacts[position] * scale.ScaleOf(scale.Shifts[document]), term.LargestContribution));

                // A block gets the largest of its documents: what is more than the largest so far.
                largest = block == lastBlock ? largest : 0;
                lastBlock = block;
                sums[block] += (ushort)Math.Max(0, bound - largest);
                largest = Math.Max(largest, bound);
            }
        }
    }

    private void Reduce(ushort* sums, int bits)
    {
        var blocks = 1 << bits;
        for (var superblock = 0; superblock < Count; superblock++)
        {
            var largest = sums[superblock << bits];
            for (var i = 1; i < blocks; i++)
            {
                largest = Math.Max(largest, sums[(superblock << bits) + i]);
            }

            Superblocks[superblock] = largest;
        }
    }
}
