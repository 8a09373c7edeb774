using System.Runtime.CompilerServices;

namespace Splade.Index.Codecs;

/// <summary>
/// An 8-bit impact: a weight is <c>code x 2^exponent</c>, with one exponent for the whole vector of a document in a field (block floating point).
/// The exponent depends on that vector alone, so a document has the same impacts in every segment and shard, whatever lies beside it, and any
/// sharding gives the same scores. Exponents are even, so that the documents of a collection mostly share one: those
/// of SPLADE models, with largest weights between 1 and 4, count in 64ths. The largest weight of each has 64 to 255 steps. Weights that are integers up to 255
/// are exact. A value has 8 significant bits, so it is exact as a float.
/// </summary>
internal static class Impact
{
    public const int MaxCode = 255;

    /// <summary>Below it, floats lose bits. Smaller weights count as 2^-126.</summary>
    public const int MinExponent = -126;

    /// <summary>Above it, not all codes are floats. The largest weights, from 255.5 x 2^120 on, count as 255 x 2^120.</summary>
    public const int MaxExponent = 120;

    /// <summary>The smallest even exponent under which the largest weight of a vector fits into 8 bits; the given one instead of smaller ones.</summary>
    public static int Exponent(float largest, int smallestExponent)
    {
        var exponent = Math.ILogB(largest) - 7;

        // 255.6 rounds to 256, which needs one more.
        exponent += Round(largest, exponent) > MaxCode ? 1 : 0;
        return Math.Clamp(exponent + (exponent & 1), Math.Max(smallestExponent, MinExponent), MaxExponent);
    }

    /// <summary>Nearest code, at least 1: a weight that is there stays there.</summary>
    public static byte Encode(float weight, int exponent) => (byte)Math.Clamp(Round(weight, exponent), 1, MaxCode);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(byte code, int exponent) => (float)(code * PowerOfTwo(exponent));

    /// <summary>2^exponent, for exponents of normal doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double PowerOfTwo(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);

    private static double Round(float weight, int exponent) => Math.Round(weight * PowerOfTwo(-exponent), MidpointRounding.AwayFromZero);
}
