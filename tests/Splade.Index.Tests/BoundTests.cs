using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests;

/// <summary>What is done to bounds many at a time, beside the same one by one.</summary>
public sealed unsafe class BoundTests
{
    [Fact]
    public void A_bound_is_counted_and_found_wherever_it_lies() =>
        Gen.Select(Gen.UShort[0, 40].Array[0, 100], Gen.Int[0, 41]).Sample((bounds, least) =>
        {
            var expected = Enumerable.Range(0, bounds.Length).Where(i => bounds[i] >= least).ToArray();
            var found = new int[bounds.Length + 1];
            int count;
            fixed (int* places = found)
            {
                count = BoundCounts.Find(bounds, least, places);
            }

            BoundCounts.AtLeast(bounds, least).ShouldBe(expected.Length);
            found[..count].ShouldBe(expected);
        });

    /// <summary>Blocks of 16, 32 and 64 documents; never less than the truth, and no more than a bound of 1 beside it.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_superblock_may_reach_what_its_best_block_reaches(int blockBits) =>
        Gen.Select(Gen.UInt[0, 1_000_000].Array[SegmentFormat.SuperblockSize], Gen.UShort[0, 30_000].Array[16], Gen.Float[1e-4f, 0.03f], Gen.Int[1, 60_000]).Sample(
            (sums, bounds, ratio, needed) =>
            {
                var blocks = SegmentFormat.SuperblockSize >> blockBits;
                var stride = 8;
                var planes = new ushort[4 * stride];
                for (var b = 0; b < blocks; b++)
                {
                    planes[((b & 3) * stride) + (b >> 2)] = bounds[b];
                }

                var best = Enumerable.Range(0, blocks).Max(b => (sums.AsSpan(b << blockBits, 1 << blockBits).ToArray().Max() * (double)ratio) + bounds[b]);
                bool reaches;
                fixed (uint* s = sums)
                fixed (ushort* p = planes)
                {
                    reaches = BlockMaxima.MayReach(s, p, stride, blockBits, ratio, needed);
                }

                (reaches || best < needed).ShouldBeTrue();
                (!reaches || best > needed - 1).ShouldBeTrue();
            });
}
