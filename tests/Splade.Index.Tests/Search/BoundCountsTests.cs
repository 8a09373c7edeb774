using CsCheck;
using Splade.Index.Search;

namespace Splade.Index.Tests.Search;

public sealed unsafe class BoundCountsTests
{
    private static readonly Gen<(ushort[] Bounds, int Least)> Bounds =
        from most in Gen.Int[0, ushort.MaxValue]
        from bounds in Gen.Int[0, most].Select(b => (ushort)b).Array[0, 200]
        from least in Gen.Int[0, most]
        select (bounds, least);

    [Fact]
    public void Bounds_that_reach_a_number_are_counted_and_found() => Bounds.Sample(
        given =>
        {
            var (bounds, least) = given;
            var expected = Enumerable.Range(0, bounds.Length).Where(i => bounds[i] >= least).ToArray();
            BoundCounts.AtLeast(bounds, least).ShouldBe(expected.Length);
            var found = new int[bounds.Length + 1];
            fixed (int* first = found)
            {
                BoundCounts.Find(bounds, least, first).ShouldBe(expected.Length);
            }

            found[..expected.Length].ShouldBe(expected);
        },
        iter: 1000);

    [Fact]
    public void More_are_counted_than_the_lanes_of_a_vector_can_hold()
    {
        var bounds = new ushort[(16 * ushort.MaxValue * 2) + 21];
        Array.Fill(bounds, (ushort)7);
        BoundCounts.AtLeast(bounds, 7).ShouldBe(bounds.Length);
        BoundCounts.AtLeast(bounds, 8).ShouldBe(0);
    }
}
