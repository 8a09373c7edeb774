using System.Numerics;
using System.Runtime.Intrinsics;

namespace Splade.Index.Search;

/// <summary>Which of many bounds reach a number, 16 at a time.</summary>
internal static unsafe class BoundCounts
{
    /// <summary>How many bounds are at least so large.</summary>
    /// <param name="bounds">The bounds.</param>
    /// <param name="least">At most 65,535.</param>
    public static int AtLeast(ReadOnlySpan<ushort> bounds, int least)
    {
        var count = 0;
        var i = 0;
        fixed (ushort* first = bounds)
        {
            var wanted = Vector256.Create((ushort)least);
            while (bounds.Length - i >= 2 * Vector256<ushort>.Count)
            {
                // Lanes count so far that none overflows.
                var end = i + (Math.Min((bounds.Length - i) / (2 * Vector256<ushort>.Count), ushort.MaxValue) * 2 * Vector256<ushort>.Count);
                Vector256<ushort> even = default, odd = default;
                for (; i < end; i += 2 * Vector256<ushort>.Count)
                {
                    even -= Vector256.GreaterThanOrEqual(Vector256.Load(first + i), wanted);
                    odd -= Vector256.GreaterThanOrEqual(Vector256.Load(first + i + Vector256<ushort>.Count), wanted);
                }

                count += (int)(Sum(even) + Sum(odd));
            }
        }

        for (; i < bounds.Length; i++)
        {
            count += bounds[i] >= least ? 1 : 0;
        }

        return count;
    }

    private static uint Sum(Vector256<ushort> counts)
    {
        var (low, high) = Vector256.Widen(counts);
        return Vector256.Sum(low + high);
    }

    /// <summary>Positions of the bounds that are at least so large, ascending.</summary>
    /// <param name="bounds">The bounds.</param>
    /// <param name="least">At most 65,535.</param>
    /// <param name="found">Takes them, with room for all bounds.</param>
    /// <returns>How many they are.</returns>
    public static int Find(ReadOnlySpan<ushort> bounds, int least, int* found)
    {
        var count = 0;
        var i = 0;
        for (; i <= bounds.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            for (var bits = Reached(bounds[i..], least).ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
            {
                found[count++] = i + BitOperations.TrailingZeroCount(bits);
            }
        }

        for (; i < bounds.Length; i++)
        {
            found[count] = i;
            count += bounds[i] >= least ? 1 : 0;
        }

        return count;
    }

    /// <summary>All bits of the lanes that are at least so large.</summary>
    private static Vector256<ushort> Reached(ReadOnlySpan<ushort> bounds, int least) =>
        Vector256.GreaterThanOrEqual(Vector256.Create(bounds), Vector256.Create((ushort)least));
}
