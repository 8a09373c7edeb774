using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Search;

[Collection(SimdLevels.Name)]
public sealed unsafe class SuperblockRowTests
{
    private const int Group = 256;

    /// <summary>What each superblock's cell takes: few pairs as a rule, sometimes more than the row holds in one group, and of a celled list those of bitmaps.</summary>
    private static readonly Gen<int[]> Cells = Gen.OneOf(
        Gen.Int[0, 3].Array[1, 700],
        Gen.Frequency((20, Gen.Const(0)), (1, Gen.Int[1, BitmapCell.MaxPairs])).Array[1, 400],
        Gen.Int[0, BitmapCell.MinPairs - 1].Array[1, 300],
        Gen.Int[0, 60].Array[1, 300],
        Gen.Int[BitmapCell.MinPairs - 2, BitmapCell.MinPairs + 1].Array[1, 100],
        Gen.Int[BitmapCell.MinPairs, BitmapCell.MaxPairs].Array[1, 100]);

    [Fact]
    public void Every_pair_of_neighbouring_superblocks_is_read_with_its_superblock() =>
        SimdLevels.ForEach(() =>
            Gen.Select(Cells, Gen.Int[1, Group], Gen.Int[0, 699]).Sample(
                (cells, group, from) => Check(cells, group, Math.Min(from, cells.Length - 1)), iter: 1500, threads: 1));

    private static void Check(int[] cells, int group, int from)
    {
        var pairs = cells.Sum();
        var words = new ulong[SegmentFormat.SparseWords(cells.Length, pairs)];
        var bit = 0;
        foreach (var cell in cells)
        {
            for (var i = 0; i < cell; i++, bit++)
            {
                words[bit >> 6] |= 1ul << (bit & 63);
            }

            bit++;
        }

        fixed (ulong* pointer = words)
        {
            var row = new SuperblockRow();
            var list = new SparseList(null, pointer, words.Length, null, pairs, default);
            var cursor = new SparseCursor(from, cells[..from].Sum());
            for (var superblock = from; superblock < cells.Length; superblock += group)
            {
                var size = Math.Min(group, cells.Length - superblock);
                var read = new List<int>();
                for (var ended = false; !ended;)
                {
                    var first = cursor.Pair;
                    ended = row.Read(list, superblock, size, ref cursor);
                    cursor.Pair.ShouldBeInRange(first, first + SuperblockRow.Length);
                    read.AddRange(new ReadOnlySpan<byte>(row.Pointer, cursor.Pair - first).ToArray().Select(s => (int)s));
                }

                read.ShouldBe(cells.Skip(superblock).Take(size).SelectMany((cell, s) => Enumerable.Repeat(s, cell)));
                cursor.Superblock.ShouldBe(superblock + size);
            }
        }
    }

    /// <summary>The superblock of each pair, the complement of it for a bitmap, which is left to the caller.</summary>
    private static IEnumerable<int> Expected(int[] cells, int superblock, int size) =>
        cells.Skip(superblock).Take(size).SelectMany((cell, s) => BitmapCell.Is(cell) ? [~s] : Enumerable.Repeat(s, cell));

    [Fact]
    public void Cells_of_neighbours_are_read_with_their_superblocks() =>
        Gen.Select(Cells, Gen.Int[1, Group], Gen.Int[0, 699]).Sample(
            (cells, group, from) =>
            {
                var (bases, offsets) = Directory(cells);
                fixed (uint* firstBase = bases)
                fixed (ushort* firstOffset = offsets)
                {
                    from = Math.Min(from, cells.Length - 1);
                    var size = Math.Min(group, cells.Length - from);
                    var row = new SuperblockRow();
                    var list = new CelledList(firstBase, firstOffset, null, cells.Sum());
                    var start = list.Start(from);
                    var read = new List<int>();
                    for (int index = 0, next; index < size; index = next)
                    {
                        next = row.Read(list, new ScoredSuperblock(from, 0), index, size, start, out var end);
                        read.AddRange(new ReadOnlySpan<byte>(row.Pointer, (int)(end - start)).ToArray().Select(s => (int)s));
                        start = end;
                        if (next < size && BitmapCell.Is(cells[from + next]))
                        {
                            read.Add(~next);
                            start += (uint)cells[from + next++];
                        }

                        next.ShouldBeGreaterThan(index);
                    }

                    read.ShouldBe(Expected(cells, from, size));
                }
            },
            iter: 1500,
            threads: 1);

    /// <summary>Cells that overlap, are larger than any, or go on beyond the list.</summary>
    [Theory]
    [InlineData(5, 3, 10)]
    [InlineData(0, 300, 1000)]
    [InlineData(0, 11, 10)]
    [InlineData(0, 40, 39)]
    public void Cells_that_the_list_does_not_have_are_damage(ushort first, ushort second, int pairs)
    {
        var bases = 0u;
        var offsets = stackalloc ushort[2];
        (offsets[0], offsets[1]) = (first, second);
        var sums = new PlainSums(null);
        var list = new CelledList(&bases, offsets, null, pairs);
        new ContributionRow().Append(list, [new ScoredSuperblock(0, 0)], 1, ref sums).ShouldBe(-1);
        new ContributionRow().AppendNeighbours(list, new ScoredSuperblock(0, 0), 1, 1, ref sums).ShouldBe(-1);
        list.TryFind(0, out _, out _).ShouldBeFalse();
    }

    private static (uint[] Bases, ushort[] Offsets) Directory(int[] cells)
    {
        var bases = new uint[SegmentFormat.DirectoryBases(cells.Length)];
        var offsets = new ushort[cells.Length + 1];
        var start = 0u;
        for (var s = 0; s <= cells.Length; s++)
        {
            ref var shared = ref bases[s >> SegmentFormat.DirectoryBits];
            shared = (s & ((1 << SegmentFormat.DirectoryBits) - 1)) == 0 ? start : shared;
            offsets[s] = (ushort)(start - shared);
            start += s < cells.Length ? (uint)cells[s] : 0;
        }

        return (bases, offsets);
    }

    [Fact]
    public void More_pairs_than_the_list_has_are_damage()
    {
        var bits = 0xFFul;
        var list = new SparseList(null, &bits, 1, null, 7, default);
        var cursor = default(SparseCursor);
        new SuperblockRow().Read(list, 0, 4, ref cursor).ShouldBeTrue();
        cursor.Pair.ShouldBe(-1);
    }

    /// <summary>Each of four superblocks must end, but the bits have none after the second.</summary>
    [Theory]
    [InlineData(62)]
    [InlineData(1000)]
    public void Bits_that_end_before_the_superblocks_are_damage(int pairs)
    {
        var bits = ~((1ul << 20) | (1ul << 41));
        var list = new SparseList(null, &bits, 1, null, pairs, default);
        var cursor = default(SparseCursor);
        new SuperblockRow().Read(list, 0, 4, ref cursor).ShouldBeTrue();
        cursor.Pair.ShouldBe(-1);
        cursor = new SparseCursor(60, 10);
        new SuperblockRow().Read(list, 60, 4, ref cursor).ShouldBeTrue();
        cursor.Pair.ShouldBe(-1);
    }
}
