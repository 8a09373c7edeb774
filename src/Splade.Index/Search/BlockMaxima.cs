using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>The largest sums of a superblock's blocks, eight blocks in a vector, beside the bounds of what is not in them yet.</summary>
internal static unsafe class BlockMaxima
{
    /// <summary>More than the rounding errors of floats.</summary>
    private const float Margin = 1 + 1e-6f;

    /// <summary>Whether the largest sum of some block and the block's bound reach a bound.</summary>
    /// <param name="sums">256 sums.</param>
    /// <param name="bounds">The blocks' bounds: those of blocks 0, 4, 8 and so on, which are one, two or four.</param>
    /// <param name="stride">As far behind are those of blocks 1, 5, 9 and so on.</param>
    /// <param name="blockBits">4 to 6.</param>
    /// <param name="ratio">What 1 of a sum is in a bound.</param>
    /// <param name="needed">The bound.</param>
    public static bool MayReach(uint* sums, ushort* bounds, int stride, int blockBits, float ratio, int needed)
    {
        var ratios = Vector256.Create(ratio * Margin);
        var least = Vector256.Create((float)needed);
        switch (SegmentFormat.MaxBlockBits - blockBits)
        {
            case 0:
                // Halves of blocks, with the block's bound twice.
                return Reaches(
                    Maxima(Four(sums, 0), Four(sums, 1), Four(sums, 2), Four(sums, 3), Four(sums, 4), Four(sums, 5), Four(sums, 6), Four(sums, 7)),
                    Vector128.Create(bounds[0] * 0x10001u, bounds[stride] * 0x10001u, bounds[2 * stride] * 0x10001u, bounds[3 * stride] * 0x10001u).AsUInt16(),
                    ratios,
                    least);
            case 1:
                return Reaches(
                    Maxima(Four(sums, 0), Four(sums, 4), Four(sums, 1), Four(sums, 5), Four(sums, 2), Four(sums, 6), Four(sums, 3), Four(sums, 7)),
                    Vector128.Create(*(uint*)bounds, *(uint*)(bounds + stride), *(uint*)(bounds + (2 * stride)), *(uint*)(bounds + (3 * stride))).AsUInt16(),
                    ratios,
                    least);
            default:
                return Reaches(
                        Maxima(Two(sums, 0), Two(sums, 4), Two(sums, 8), Two(sums, 12), Two(sums, 1), Two(sums, 5), Two(sums, 9), Two(sums, 13)),
                        Vector128.Create(*(ulong*)bounds, *(ulong*)(bounds + stride)).AsUInt16(),
                        ratios,
                        least)
                    || Reaches(
                        Maxima(Two(sums, 2), Two(sums, 6), Two(sums, 10), Two(sums, 14), Two(sums, 3), Two(sums, 7), Two(sums, 11), Two(sums, 15)),
                        Vector128.Create(*(ulong*)(bounds + (2 * stride)), *(ulong*)(bounds + (3 * stride))).AsUInt16(),
                        ratios,
                        least);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Reaches(Vector256<uint> maxima, Vector128<ushort> bounds, Vector256<float> ratios, Vector256<float> least)
    {
        var (low, high) = Vector128.Widen(bounds);
        var sum = (Vector256.ConvertToSingle(maxima) * ratios) + Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32());
        return Vector256.GreaterThanOrEqualAny(sum, least);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Two(uint* sums, int block) => Vector256.Max(Vector256.Load(sums + (block * 16)), Vector256.Load(sums + (block * 16) + 8));

    /// <summary>The largest of 32 sums, spread over eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Four(uint* sums, int block) => Vector256.Max(Two(sums, 2 * block), Two(sums, (2 * block) + 1));

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
