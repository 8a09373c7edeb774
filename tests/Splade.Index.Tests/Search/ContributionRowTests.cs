using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Search;

/// <summary>Damage that no fuzzer finds by chance.</summary>
public sealed unsafe class ContributionRowTests
{
    /// <summary>The first cell starts just below the largest number, and the second one's start has wrapped around.</summary>
    [Theory]
    [InlineData(uint.MaxValue - 9, 0, 20)]
    [InlineData(uint.MaxValue - 143, 0, 144)]
    public void A_directory_that_wraps_around_is_damage(uint start, ushort first, ushort second)
    {
        var offsets = stackalloc ushort[] { first, second };
        var memory = stackalloc uint[256];
        var list = new CelledList(&start, offsets, null, pairs: 100);
        var sums = new PlainSums(memory);
        var row = new ContributionRow();
        row.Append(list, [new ScoredSuperblock(0, 0)], 1, ref sums).ShouldBe(-1);
        row.AppendNeighbours(list, new ScoredSuperblock(0, 0), 1, 1, ref sums).ShouldBe(-1);
        list.TryFind(0, out _, out _).ShouldBeFalse();
    }

    /// <summary>A sum of a damaged list goes to 0 again and again: its place would be remembered each time.</summary>
    [Fact]
    public void Touched_places_stay_in_their_room()
    {
        const uint Half = 1u << 31;
        var room = new ushort[TouchedSums.Room + 16];
        fixed (ushort* touched = room)
        {
            var memory = stackalloc uint[8];
            var sums = new TouchedSums(memory, touched);
            for (var i = 0; i < 6 * TouchedSums.Room; i++)
            {
                sums.Add(3, Half);
            }

            var places = stackalloc ushort[] { 3, 3, 4, 3, 5, 4 };
            var contributions = stackalloc uint[] { Half, Half, 0, 7, 9, 1 };
            sums.Add(places, contributions, 6);
            sums.Touched.Length.ShouldBe(TouchedSums.Room);
            (memory[3], memory[4], memory[5]).ShouldBe((7u, 1u, 9u));
        }

        room.AsSpan(TouchedSums.Room).ToArray().ShouldAllBe(p => p == 0);
    }

    [Fact]
    public void Places_are_touched_once()
    {
        var room = new ushort[TouchedSums.Room];
        fixed (ushort* touched = room)
        {
            var memory = stackalloc uint[8];
            var sums = new TouchedSums(memory, touched);
            var places = stackalloc ushort[] { 2, 2, 6, 1, 6, 0 };
            var contributions = stackalloc uint[] { 5, 5, 0, 1, 4, 2 };
            sums.Add(places, contributions, 6);
            sums.Add(7, 1);
            sums.Add(7, 1);
            sums.Touched.ToArray().ShouldBe([2, 1, 6, 0, 7]);
            new ReadOnlySpan<uint>(memory, 8).ToArray().ShouldBe([2u, 1, 10, 0, 0, 0, 4, 2]);
        }
    }
}
