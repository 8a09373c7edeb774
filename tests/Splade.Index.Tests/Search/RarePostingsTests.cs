using Splade.Index.Search;
using Splade.Index.Segments;
using Splade.Index.Tests.Segments;

namespace Splade.Index.Tests.Search;

public sealed unsafe class RarePostingsTests
{
    private const int Group = Accumulator.GroupSize << SegmentFormat.SuperblockBits;
    private const int Range = 1 << SegmentFormat.RangeBits;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_group_gets_its_own_postings_of_flat_lists(int group)
    {
        var random = new Random(7);
        var documents = Enumerable.Range(0, 2 * Range).Where(_ => random.Next(40) == 0).ToArray();
        var sums = Sums(documents, group, out var added);
        var expected = documents.Where(d => d / Group == group).ToArray();
        added.ShouldBe(expected.Length);
        for (var i = 0; i < Group; i++)
        {
            sums[Group + i].ShouldBe(Array.BinarySearch(expected, (group * Group) + i) >= 0 ? 3u * Impact((group * Group) + i) : 0u);
        }

        sums.AsSpan(0, Group).IndexOfAnyExcept(0u).ShouldBe(-1);
        sums.AsSpan(2 * Group).IndexOfAnyExcept(0u).ShouldBe(-1);
    }

    /// <summary>What a damaged list names lies at most in the room around the sums.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Documents_out_of_order_stay_inside_the_room_around_the_sums(int group) =>
        Sums([0, Range - 1, 5, Group - 1, Group, 1, Range - 1, Group + 1, 0, 7, (group * Group) + 9], group, out _).Sum(s => (long)s).ShouldBeGreaterThan(0);

    private static uint Impact(int document) => (uint)(1 + (document % 255));

    /// <summary>The sums with their room, behind which an array ends that must stay as it is.</summary>
    private static uint[] Sums(int[] documents, int group, out int added)
    {
        const int Room = Group + Range;
        var sums = new uint[Room + 1024];
        var bytes = FlatListTests.Write(4 * Group, documents, [.. documents.Select(d => (byte)Impact(d))], out var ranges);
        fixed (uint* first = sums)
        fixed (byte* start = bytes)
        {
            var list = new FlatList(start, ranges, 4 * Group, documents.Length);
            QueryTerm[] terms = [new() { Weight = 1, Flat = list }, new() { Weight = 2, Flat = list }];
            added = RarePostings.AddFlatGroup(terms, group, isLast: group == 3, first + Group, stride: 0) / terms.Length;
        }

        sums.AsSpan(Room).IndexOfAnyExcept(0u).ShouldBe(-1);
        return sums;
    }
}
