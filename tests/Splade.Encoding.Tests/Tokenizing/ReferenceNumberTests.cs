using System.Globalization;
using CsCheck;
using Splade.Encoding.Tokenizing.Reading;

namespace Splade.Encoding.Tests.Tokenizing;

public sealed class ReferenceNumberTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0.5", -0.5)]
    [InlineData("12.25e-1", 1.225)]
    [InlineData("1E3", 1000)]
    [InlineData("1e-999", 0)]
    [InlineData("100000000000000000000000", 1e23)]
    public void Numbers_are_read(string number, double expected) => ReferenceNumber.Parse(number).ShouldBe(expected, Math.Abs(expected) * 1e-15);

    [Fact]
    public void A_number_has_the_error_of_three_roundings_at_most() => Gen.Double[-50, 50].Sample(value =>
    {
        var read = ReferenceNumber.Parse(value.ToString("R", CultureInfo.InvariantCulture));
        Math.Abs(read - value).ShouldBeLessThanOrEqualTo(Math.Abs(value) * 1.5 * Math.Pow(2, -52));
    });
}
