using System.Runtime.Intrinsics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Sums of rows of 4 bits, four bounds in a word, each multiplied by what a level of its term is worth.</summary>
internal static unsafe class RowSums
{
    private const int Planes = 4;

    /// <param name="terms">The terms, with rows; those with 2 bits are left out.</param>
    /// <param name="unit">What 1 of a sum is worth.</param>
    /// <param name="length">16-bit words to read of a row, a multiple of 32.</param>
    /// <param name="planes">Takes the sums of the words' lowest bounds, then those of the second, and so on.</param>
    public static void Compute(ReadOnlySpan<QueryTerm> terms, BoundUnit unit, int length, ushort* planes)
    {
        var rows = stackalloc ushort*[terms.Length];
        var levels = stackalloc ushort[terms.Length];
        var count = 0;
        foreach (ref readonly var term in terms)
        {
            if (!term.HasLevels)
            {
                rows[count] = (ushort*)term.Row;
                levels[count++] = unit.Ceiling(term.LargestContribution / SegmentFormat.BoundsLevels);
            }
        }

        if (Simd.Level == SimdLevel.Vector512)
        {
            Sum512(rows, levels, count, length, planes);
        }
        else if (Simd.Level == SimdLevel.Vector256)
        {
            Sum256(rows, levels, count, length, planes);
        }
        else
        {
            SumScalar(rows, levels, count, length, planes);
        }
    }

    private static void Sum512(ushort** rows, ushort* levels, int count, int length, ushort* planes)
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

    private static void Sum256(ushort** rows, ushort* levels, int count, int length, ushort* planes)
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

    private static void SumScalar(ushort** rows, ushort* levels, int count, int length, ushort* planes)
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
}
