using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Search;

/// <summary>The largest sums of a superblock's blocks, halves of them in a vector, beside the bounds of what is not in them yet.</summary>
internal static unsafe class BlockMaxima
{
    /// <summary>More than the rounding errors of floats.</summary>
    private const float Margin = 1 + 1e-6f;

    /// <summary>Whether the largest sum of some block and the block's bound reach a bound.</summary>
    /// <param name="sums">256 sums.</param>
    /// <param name="bounds">Bound of the first block.</param>
    /// <param name="stride">As far behind is that of the second, then those of the others.</param>
    /// <param name="ratio">What 1 of a sum is in a bound.</param>
    /// <param name="needed">The bound.</param>
    public static bool MayReach(uint* sums, ushort* bounds, int stride, float ratio, int needed)
    {
        // Of halves of blocks, with the block's bound twice.
        var maxima = Maxima(Four(sums, 0), Four(sums, 1), Four(sums, 2), Four(sums, 3), Four(sums, 4), Four(sums, 5), Four(sums, 6), Four(sums, 7));
        uint a = bounds[0], b = bounds[stride], c = bounds[2 * stride], d = bounds[3 * stride];
        var reached = (Vector256.ConvertToSingle(maxima) * Vector256.Create(ratio * Margin)) + Vector256.ConvertToSingle(Vector256.Create(a, a, b, b, c, c, d, d).AsInt32());
        return Vector256.GreaterThanOrEqualAny(reached, Vector256.Create((float)needed));
    }

    /// <summary>The largest of 32 sums, spread over eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Four(uint* sums, int half)
    {
        var first = sums + (half * 32);
        return Vector256.Max(
            Vector256.Max(Vector256.Load(first), Vector256.Load(first + 8)), Vector256.Max(Vector256.Load(first + 16), Vector256.Load(first + 24)));
    }

    /// <summary>The largest number of each vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Maxima(
        Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d, Vector256<uint> e, Vector256<uint> f, Vector256<uint> g, Vector256<uint> h)
    {
        var (low, high) = (Maxima(Maxima(a, b).AsUInt64(), Maxima(c, d).AsUInt64()), Maxima(Maxima(e, f).AsUInt64(), Maxima(g, h).AsUInt64()));
        return Vector256.Max(Avx2.Permute2x128(low, high, 0x20), Avx2.Permute2x128(low, high, 0x31));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Maxima(Vector256<uint> a, Vector256<uint> b) => Vector256.Max(Avx2.UnpackLow(a, b), Avx2.UnpackHigh(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Maxima(Vector256<ulong> a, Vector256<ulong> b) =>
        Vector256.Max(Avx2.UnpackLow(a, b).AsUInt32(), Avx2.UnpackHigh(a, b).AsUInt32());
}
