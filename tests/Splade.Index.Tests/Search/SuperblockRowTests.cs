using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Search;

[Collection(SimdLevels.Name)]
public sealed unsafe class SuperblockRowTests
{
    private const int Group = 256;

    /// <summary>Postings in each superblock: few as a rule, sometimes more than the row holds in one group.</summary>
    private static readonly Gen<int[]> Counts = Gen.OneOf(
        Gen.Int[0, 3].Array[1, 700],
        Gen.Frequency((20, Gen.Const(0)), (1, Gen.Int[1, SegmentFormat.SuperblockSize])).Array[1, 400],
        Gen.Int[0, 60].Array[1, 300]);

    [Fact]
    public void Every_posting_of_neighbouring_superblocks_is_read_with_its_superblock() =>
        SimdLevels.ForEach(() =>
            Gen.Select(Counts, Gen.Int[1, Group], Gen.Int[0, 699]).Sample(
                (counts, group, from) => Check(counts, group, Math.Min(from, counts.Length - 1)), iter: 1500, threads: 1));

    private static void Check(int[] counts, int group, int from)
    {
        var frequency = counts.Sum();
        var words = new ulong[SegmentFormat.SparseWords(counts.Length, frequency)];
        var bit = 0;
        foreach (var count in counts)
        {
            for (var i = 0; i < count; i++, bit++)
            {
                words[bit >> 6] |= 1ul << (bit & 63);
            }

            bit++;
        }

        fixed (ulong* pointer = words)
        {
            var row = new SuperblockRow();
            var list = new SparseList(null, pointer, words.Length, null, frequency);
            var cursor = new SparseCursor(from, counts[..from].Sum());
            for (var superblock = from; superblock < counts.Length && cursor.Posting < frequency; superblock += group)
            {
                var size = Math.Min(group, counts.Length - superblock);
                var expected = counts.Skip(superblock).Take(size).SelectMany((count, s) => Enumerable.Repeat(s, count)).ToArray();
                var read = new List<int>();
                bool ended;
                do
                {
                    var first = cursor.Posting;
                    ended = row.Read(list, superblock, size, ref cursor);
                    cursor.Posting.ShouldBeLessThanOrEqualTo(first + SuperblockRow.Length);
                    read.AddRange(new ReadOnlySpan<byte>(row.Pointer, cursor.Posting - first).ToArray().Select(s => (int)s));
                }
                while (!ended);
                read.ShouldBe(expected);
                cursor.Superblock.ShouldBe(superblock + size);
            }
        }
    }

    [Fact]
    public void Cells_of_neighbours_are_read_with_their_superblocks() =>
        Gen.Select(Counts, Gen.Int[1, Group], Gen.Int[0, 699]).Sample(
            (counts, group, from) =>
            {
                var (bases, offsets) = Directory(counts);
                fixed (uint* firstBase = bases)
                fixed (ushort* firstOffset = offsets)
                {
                    from = Math.Min(from, counts.Length - 1);
                    var size = Math.Min(group, counts.Length - from);
                    var row = new SuperblockRow();
                    var list = new CelledList(firstBase, firstOffset, null, counts.Sum());
                    var start = list.Start(from);
                    var read = new List<int>();
                    for (int index = 0, next; index < size; index = next)
                    {
                        next = row.Read(list, new ScoredSuperblock(from, 0), index, size, start, out var end);
                        next.ShouldBeGreaterThan(index);
                        read.AddRange(new ReadOnlySpan<byte>(row.Pointer, (int)(end - start)).ToArray().Select(s => (int)s));
                        start = end;
                    }

                    read.ShouldBe(counts.Skip(from).Take(size).SelectMany((count, s) => Enumerable.Repeat(s, count)));
                }
            },
            iter: 1500,
            threads: 1);

    /// <summary>Cells that overlap, or go on beyond the list.</summary>
    [Theory]
    [InlineData(5, 3, 10)]
    [InlineData(0, 300, 1000)]
    [InlineData(0, 11, 10)]
    public void Cells_that_the_list_does_not_have_are_damage(ushort first, ushort second, int frequency)
    {
        var bases = 0u;
        var offsets = stackalloc ushort[2];
        (offsets[0], offsets[1]) = (first, second);
        new SuperblockRow().Read(new CelledList(&bases, offsets, null, frequency), new ScoredSuperblock(0, 0), 0, 1, first, out _).ShouldBe(-1);
    }

    private static (uint[] Bases, ushort[] Offsets) Directory(int[] counts)
    {
        var bases = new uint[SegmentFormat.DirectoryBases(counts.Length)];
        var offsets = new ushort[counts.Length + 1];
        var start = 0u;
        for (var s = 0; s <= counts.Length; s++)
        {
            ref var shared = ref bases[s >> SegmentFormat.DirectoryBits];
            shared = (s & ((1 << SegmentFormat.DirectoryBits) - 1)) == 0 ? start : shared;
            offsets[s] = (ushort)(start - shared);
            start += s < counts.Length ? (uint)counts[s] : 0;
        }

        return (bases, offsets);
    }

    [Fact]
    public void More_postings_than_the_list_has_are_damage()
    {
        var bits = 0xFFul;
        var list = new SparseList(null, &bits, 1, null, 7);
        var cursor = default(SparseCursor);
        new SuperblockRow().Read(list, 0, 4, ref cursor).ShouldBeTrue();
        cursor.Posting.ShouldBe(-1);
    }

    /// <summary>Each of four superblocks must end, but the bits have none after the second.</summary>
    [Theory]
    [InlineData(ulong.MaxValue << 2, 62)]
    [InlineData(ulong.MaxValue << 2, 1000)]
    public void Bits_that_end_before_the_superblocks_are_damage(ulong bits, int frequency)
    {
        var list = new SparseList(null, &bits, 1, null, frequency);
        var cursor = default(SparseCursor);
        new SuperblockRow().Read(list, 0, 4, ref cursor).ShouldBeTrue();
        cursor.Posting.ShouldBe(-1);
        cursor = new SparseCursor(60, 10);
        new SuperblockRow().Read(list, 60, 4, ref cursor).ShouldBeTrue();
        cursor.Posting.ShouldBe(-1);
    }
}
