using Splade.Index.Search;
using Splade.Index.Segments;
using Splade.Index.Tests.Segments;

namespace Splade.Index.Tests.Search;

public sealed unsafe class RarePostingsTests
{
    private const int Group = Accumulator.GroupSize << SegmentFormat.SuperblockBits;
    private const int Groups = 3;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_group_gets_its_own_postings_of_flat_lists(int group)
    {
        var expected = Spread().Where(d => d / Group == group).ToArray();
        var sums = Sums(Spread(), group, null, Group, out var added);
        added.ShouldBe(expected.Length);
        for (var i = 0; i < Group; i++)
        {
            sums[i].ShouldBe(Sum(expected, (group * Group) + i));
        }
    }

    /// <summary>Every third superblock has a slot, from the last to the first.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Superblocks_with_slots_get_their_postings_there(int group)
    {
        var expected = Spread().Where(d => d / Group == group).ToArray();
        var chosen = Enumerable.Range(0, Accumulator.GroupSize).Where(s => s % 3 == 1).Reverse().ToArray();
        var slots = Enumerable.Range(0, Accumulator.GroupSize).Select(s => Array.IndexOf(chosen, s) is >= 0 and var slot ? (byte)slot : GroupPlaces.None).ToArray();
        var places = chosen.Length << SegmentFormat.SuperblockBits;
        var sums = Sums(Spread(), group, slots, places, out var added);
        added.ShouldBe(expected.Length);
        for (var i = 0; i < places; i++)
        {
            var superblock = chosen[i >> SegmentFormat.SuperblockBits];
            sums[i].ShouldBe(Sum(expected, (group * Group) + (superblock << SegmentFormat.SuperblockBits) + (byte)i));
        }
    }

    /// <summary>What a damaged list names lies at most in the room behind the sums.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Documents_out_of_order_stay_inside_the_room_behind_the_sums(int group) =>
        Sums([0, Group - 1, 5, Group - 1, Group, 1, Group + 7, 0, 7, (group * Group) + 9], group, null, Group, out _).Sum(s => (long)s).ShouldBeGreaterThan(0);

    private static int[] Spread()
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, Groups * Group).Where(_ => random.Next(40) == 0)];
    }

    private static uint Impact(int document) => (uint)(1 + (document % 255));

    private static uint Sum(int[] documents, int document) => Array.BinarySearch(documents, document) >= 0 ? 3u * Impact(document) : 0u;

    /// <summary>The sums, behind which an array ends that must stay as it is.</summary>
    private static uint[] Sums(int[] documents, int group, byte[]? slots, int places, out int added)
    {
        var sums = new uint[places + 1024];
        var bytes = FlatListTests.Write(Groups * Group, documents, [.. documents.Select(d => (byte)Impact(d))], out var ranges);
        fixed (uint* first = sums)
        fixed (byte* start = bytes)
        fixed (byte* slot = slots)
        {
            var list = new FlatList(start, ranges, Groups * Group, documents.Length);
            QueryTerm[] terms = [new() { Weight = 1, Flat = list }, new() { Weight = 2, Flat = list }];
            added = RarePostings.AddFlatGroup(terms, group, isLast: group == Groups - 1, first, stride: 0, slot) / terms.Length;
        }

        sums.AsSpan(places).IndexOfAnyExcept(0u).ShouldBe(-1);
        return sums;
    }
}
