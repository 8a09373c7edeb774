using Splade.Index.Search;
using Splade.Index.Segments;

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

    [Fact]
    public void Groups_may_come_in_any_order()
    {
        int[] documents = Spread();
        int[] groups = [2, 0, 1, 1, 0, 2];
        foreach (var slots in (byte[]?[])[null, [.. Enumerable.Range(0, Accumulator.GroupSize).Select(s => (byte)(s % 255))]])
        {
            var sums = new uint[Group];
            Use(documents, term =>
            {
                fixed (uint* first = sums)
                fixed (byte* slot = slots)
                {
                    foreach (var group in groups)
                    {
                        RarePostings.AddFlatGroup(term, group * Group, Group, first, stride: 0, slot).ShouldBe(documents.Count(d => d / Group == group));
                    }
                }
            });
            sums.Sum(s => (long)s).ShouldBe(documents.Sum(d => 2L * Impact(d)));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(255, 300)]
    [InlineData((2 * Group) - 100, Group)]
    public void Any_neighbours_get_their_postings(int firstDocument, int size)
    {
        var documents = Spread();
        var sums = new uint[size];
        Use(documents, terms =>
        {
            fixed (uint* first = sums)
            {
                var plain = new PlainSums(first);
                RarePostings.AddFlat(ref terms[0], firstDocument, size, ref plain).ShouldBe(documents.Count(d => d >= firstDocument && d < firstDocument + size));
            }
        });
        for (var i = 0; i < size; i++)
        {
            sums[i].ShouldBe(Sum(documents, firstDocument + i) / 3);
        }
    }

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
        var found = 0;
        Use(documents, one =>
        {
            QueryTerm[] terms = [one[0], one[0]];
            terms[1].Weight = 2;
            fixed (uint* first = sums)
            fixed (byte* slot = slots)
            {
                found = RarePostings.AddFlatGroup(terms, group * Group, Group, first, stride: 0, slot) / terms.Length;
            }
        });
        added = found;
        sums.AsSpan(places).IndexOfAnyExcept(0u).ShouldBe(-1);
        return sums;
    }

    /// <summary>Calls back with a term of weight 1 that has these documents.</summary>
    private static void Use(int[] documents, Action<QueryTerm[]> use)
    {
        byte[] impacts = [.. documents.Select(d => (byte)Impact(d))];
        fixed (int* first = documents)
        fixed (byte* impact = impacts)
        {
            use([new QueryTerm { Weight = 1, Frequency = documents.Length, Flat = new FlatList(first, impact) }]);
        }
    }
}
