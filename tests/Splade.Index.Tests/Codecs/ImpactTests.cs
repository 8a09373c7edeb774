using CsCheck;
using Splade.Index.Codecs;

namespace Splade.Index.Tests.Codecs;

public sealed class ImpactTests
{
    private static readonly Gen<float> Weight = Gen.Float.Where(w => w > 0 && float.IsFinite(w));

    /// <summary>Half a step, of which the largest weight has 64 at least; a step for those that would be 0.</summary>
    [Fact]
    public void A_vectors_weights_are_right_to_the_127th_of_its_largest() => Gen.Select(Weight, Gen.Double[0, 1]).Sample((largest, share) =>
    {
        var exponent = Impact.Exponent(largest, Impact.MinExponent);
        var weight = Math.Max((float)(largest * share), float.Epsilon);
        var step = Math.Pow(2, exponent);
        var tolerance = exponent is Impact.MinExponent or Impact.MaxExponent ? step * 128 : Math.Max(largest / 127.0, weight < step / 2 ? step : 0);
        Math.Abs((double)Impact.Decode(Impact.Encode(weight, exponent), exponent) - weight).ShouldBeLessThanOrEqualTo(tolerance);
    });

    [Fact]
    public void Integers_are_exact_beside_any_others_up_to_255()
    {
        for (var largest = 1; largest <= Impact.MaxCode; largest++)
        {
            var exponent = Impact.Exponent(largest, Impact.MinExponent);
            for (var weight = 1; weight <= largest; weight++)
            {
                Impact.Decode(Impact.Encode(weight, exponent), exponent).ShouldBe(weight);
            }
        }
    }

    [Theory]
    [InlineData(1f, -6)]
    [InlineData(255.4f / 64, -6)]
    [InlineData(255.6f / 64, -4)]
    [InlineData(0.99f, -8)]
    [InlineData(255f, 0)]
    [InlineData(64f, 0)]
    [InlineData(float.Epsilon, -126)]
    [InlineData(float.MaxValue, 120)]
    public void Scales_are_few(float largest, int exponent)
    {
        Impact.Exponent(largest, Impact.MinExponent).ShouldBe(exponent);
        Impact.Exponent(largest, -3).ShouldBe(Math.Max(exponent, -3));
    }
}
