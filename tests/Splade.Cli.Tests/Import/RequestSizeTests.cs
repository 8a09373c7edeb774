using CsCheck;
using Splade.Cli.Import;

namespace Splade.Cli.Tests.Import;

public sealed class RequestSizeTests
{
    private const int Most = 2 << 20;

    [Fact]
    public void A_fast_node_soon_gets_the_largest_requests()
    {
        var size = new RequestSize(Most);
        size.Bytes.ShouldBe(64 * 1024);
        for (var i = 0; i < 5; i++)
        {
            size.Learn(size.Bytes, TimeSpan.FromSeconds(1), refused: false);
        }

        size.Bytes.ShouldBe(Most);

        // What is left of a file is small and says nothing.
        var small = new RequestSize(Most);
        small.Learn(100, TimeSpan.FromMilliseconds(1), refused: false);
        small.Bytes.ShouldBe(64 * 1024);
    }

    [Fact]
    public void Requests_that_are_under_way_together_halve_the_size_once()
    {
        var size = new RequestSize(Most);
        var sent = size.Bytes;
        size.Learn(sent, TimeSpan.FromMinutes(1), refused: true);
        size.Learn(sent, TimeSpan.FromMinutes(1), refused: true);
        size.Bytes.ShouldBe(sent / 2);
        size.Learn(size.Bytes, TimeSpan.FromSeconds(1), refused: false);
        size.Bytes.ShouldBe(sent / 2 * 9 / 8);
    }

    [Fact]
    public void Requests_come_to_take_about_five_seconds_and_stay_there_whatever_the_node_does_in_a_second() =>
        Gen.Double[Math.Log(400), Math.Log(1e7)].Select(Math.Exp).Sample(bytesPerSecond =>
        {
            var size = new RequestSize(Most);
            for (var i = 0; i < 200; i++)
            {
                var sent = size.Bytes;
                sent.ShouldBeInRange(RequestSize.Least, Most);
                var took = TimeSpan.FromSeconds(sent / bytesPerSecond);
                size.Learn(sent, took, refused: took > TimeSpan.FromMinutes(1));
                if (i >= 60)
                {
                    // Between half and double, or at one of the limits.
                    took.TotalSeconds.ShouldBeLessThanOrEqualTo(Math.Max(10, RequestSize.Least / bytesPerSecond) + 1e-6);
                    (took.TotalSeconds >= 2.4 || sent == Most).ShouldBeTrue($"{sent} bytes take {took} at {bytesPerSecond:0} bytes a second");
                }
            }
        });
}
