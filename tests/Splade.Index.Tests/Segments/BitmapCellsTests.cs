using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

public sealed unsafe class BitmapCellsTests
{
    private const int Room = 100_000;

    /// <summary>For each superblock what its bitmap takes, 0 for none: few of them as a rule, or all, in up to three ranges.</summary>
    private static readonly Gen<int[]> Superblocks = Gen.OneOf(
        Gen.Frequency((9, Gen.Const(0)), (1, Gen.Int[BitmapCell.MinPairs, BitmapCell.MaxPairs])).Array[1, 700],
        Gen.Int[BitmapCell.MinPairs, BitmapCell.MaxPairs].Array[1, 600]);

    [Fact]
    public void The_bitmap_of_each_superblock_is_found() =>
        Superblocks.Sample(
            sizes => With(sizes, (cells, first) =>
            {
                var start = 0;
                for (var s = 0; s < sizes.Length; s++)
                {
                    ushort* cell = null;
                    var pairs = 0;
                    cells.TryFind(s, ref cell, ref pairs).ShouldBeTrue();
                    pairs.ShouldBe(sizes[s]);
                    (cell == null).ShouldBe(sizes[s] == 0);
                    (sizes[s] == 0 || cell == first + start).ShouldBeTrue();
                    start += sizes[s];
                }

                cells.Pairs.ShouldBe(start);
            }),
            iter: 300,
            threads: 1);

    [Fact]
    public void The_bitmaps_of_each_range_lie_side_by_side() =>
        Superblocks.Sample(
            sizes => With(sizes, (cells, _) =>
            {
                var read = new List<int>();
                for (var range = 0; range < SegmentFormat.Ranges(sizes.Length); range++)
                {
                    cells.TryRange(range, out var first, out var end).ShouldBeTrue();
                    for (var i = first; i < end; i++)
                    {
                        read.Add((range * Accumulator.GroupSize) + cells.Number(i));
                    }
                }

                read.ShouldBe(Enumerable.Range(0, sizes.Length).Where(s => sizes[s] > 0));
            }),
            iter: 300,
            threads: 1);

    /// <summary>Ranges that end before they start or beyond the last bitmap, and cells that are none, overlap or lie beyond the section.</summary>
    [Theory]
    [InlineData(2, 1, 0, 30, 60)]
    [InlineData(0, 3, 0, 30, 60)]
    [InlineData(uint.MaxValue, 2, 0, 30, 60)]
    [InlineData(0, 2, 0, BitmapCell.MinPairs - 1, 60)]
    [InlineData(0, 2, 40, 30, 60)]
    [InlineData(0, 2, 0, BitmapCell.MaxPairs + 1, 300)]
    [InlineData(0, 2, Room - 30, Room + 10, Room + 60)]
    [InlineData(0, 2, uint.MaxValue - 20, 19, 60)]
    public void Damaged_starts_are_not_followed(uint before, uint beforeNext, uint start, uint end, uint last)
    {
        var ranges = stackalloc uint[] { before, beforeNext };
        var starts = stackalloc uint[] { start, end, last };
        var numbers = stackalloc byte[64];
        (numbers[0], numbers[1]) = (3, 4);
        var cells = new BitmapCells(ranges, 2, starts, numbers, null, 2, Room);
        ushort* cell = null;
        var pairs = 0;
        cells.TryFind(3, ref cell, ref pairs).ShouldBeFalse();
        var sums = new PlainSums(null);
        var bits = 0ul;
        var list = new SparseList(null, &bits, 1, null, 0, cells);
        new ContributionRow().Append(list, default, 60, 1, null, ref sums, out var read);
        read.ShouldBe(-1);
    }

    /// <summary>Behind the last superblock of a segment there are none.</summary>
    [Fact]
    public void A_bitmap_behind_the_last_superblock_is_damage() =>
        With([.. new int[60], BitmapCell.MinPairs], (cells, _) =>
        {
            var sums = new PlainSums(null);
            var bits = 0ul;
            new ContributionRow().Append(new SparseList(null, &bits, 1, null, 0, cells), default, 60, 1, null, ref sums, out var read);
            read.ShouldBe(-1);
        });

    private delegate void Check(BitmapCells cells, ushort* first);

    private static void With(int[] sizes, Check check)
    {
        var superblocks = Enumerable.Range(0, sizes.Length).Where(s => sizes[s] > 0).ToArray();
        var before = Enumerable.Range(0, SegmentFormat.Ranges(sizes.Length)).Select(r => (uint)superblocks.Count(s => s < r * Accumulator.GroupSize)).ToArray();
        var starts = new uint[superblocks.Length + 1];
        for (var i = 0; i < superblocks.Length; i++)
        {
            starts[i + 1] = starts[i] + (uint)sizes[superblocks[i]];
        }

        // What a vector reads behind the last number belongs to none.
        byte[] numbers = [.. superblocks.Select(s => (byte)s), .. new byte[32]];
        var memory = new ushort[sizes.Sum() + 1];
        fixed (uint* firstBefore = before, firstStart = starts)
        fixed (byte* firstNumber = numbers)
        fixed (ushort* first = memory)
        {
            check(new BitmapCells(firstBefore, before.Length, firstStart, firstNumber, first, superblocks.Length, memory.Length), first);
        }
    }
}
