using System.Runtime.CompilerServices;

namespace Splade.Index.Segments;

/// <summary>
/// A positive weight in 16 bits: the float's 8 exponent bits and the first 8 of its mantissa, so 9 significant bits (relative error at most
/// 0.2 %), as Lucene's FeatureField keeps them. Independent of any scale, so the same weight has the same code in every segment and shard.
/// </summary>
internal static class WeightCode
{
    private const int DroppedBits = 15;
    private const ushort LargestFinite = 0xFEFF;

    /// <summary>Rounds to nearest; the smallest and largest codes stand for what lies beyond them.</summary>
    public static ushort Encode(float weight)
    {
        if (!(weight > 0f) || float.IsInfinity(weight))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "A weight must be positive and finite.");
        }

        var rounded = (BitConverter.SingleToUInt32Bits(weight) + (1u << (DroppedBits - 1))) >> DroppedBits;
        return (ushort)Math.Clamp(rounded, 1u, LargestFinite);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Decode(ushort code) => BitConverter.UInt32BitsToSingle((uint)code << DroppedBits);
}
