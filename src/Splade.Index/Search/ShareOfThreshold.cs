using System.Runtime.Intrinsics;

namespace Splade.Index.Search;

/// <summary>
/// A clause's unit as a share of the threshold, mantissa x 2^exponent: documents of one segment may differ by 2^250 in scale, which no float holds. What is
/// too small or too large for one is as good as nothing or enough, and never infinite: 0 times it must be 0.
/// </summary>
internal readonly struct ShareOfThreshold
{
    /// <summary>Of a float.</summary>
    private const int LeastExponent = -126;

    /// <summary>A sum of 2^32 times it is a float, for many clauses together, too.</summary>
    private const int MostExponent = 90;

    private readonly float _mantissa;
    private readonly int _exponent;

    private ShareOfThreshold(float mantissa, int exponent)
    {
        _mantissa = mantissa;
        _exponent = exponent;
        Value = mantissa * Power(Vector256.Create(exponent))[0];
    }

    /// <summary>For documents that have the clause's own scale.</summary>
    public float Value { get; }

    /// <param name="threshold">At least 0.</param>
    public static ShareOfThreshold Of(double unit, double threshold)
    {
        var ratio = unit / threshold;
        if (double.IsInfinity(ratio))
        {
            return new ShareOfThreshold(1, MostExponent);
        }

        var exponent = Math.ILogB(ratio);
        return new ShareOfThreshold((float)Math.ScaleB(ratio, -exponent), exponent);
    }

    /// <summary>For 8 documents whose scale is 2^shift times the clause's.</summary>
    public Vector256<float> Shifted(Vector256<int> shifts) => Vector256.Create(_mantissa) * Power(Vector256.Create(_exponent) + shifts);

    private static Vector256<float> Power(Vector256<int> exponents) =>
        ((Vector256.Max(Vector256.Create(LeastExponent), Vector256.Min(Vector256.Create(MostExponent), exponents)) + Vector256.Create(127)) << 23).AsSingle();
}
