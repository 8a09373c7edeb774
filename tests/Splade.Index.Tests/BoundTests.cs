using System.Runtime.Intrinsics.X86;
using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests;

/// <summary>What is done to bounds many at a time, beside the same one by one.</summary>
public sealed unsafe class BoundTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_superblocks_bound_is_its_best_blocks_and_what_is_known_of_it_as_a_whole(int words) =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[0, 1 << 30]).Sample((count, seed) =>
        {
            var random = new Random(seed);
            var blockStride = ((count * words) + 31) & ~31;
            var wholeStride = ((count / 4) + 32) & ~31;
            var blocks = Numbers(random, 4 * blockStride);
            var whole = Numbers(random, 4 * wholeStride);
            var bounds = new ushort[count + SuperblockBounds.Padding];
            fixed (ushort* b = blocks, w = whole, best = new ushort[blockStride], into = bounds)
            {
                SuperblockBounds.Compute(b, blockStride, words, w, wholeStride, count, best, into);
            }

            bounds[..count].ShouldBe(Enumerable.Range(0, count).Select(s => (ushort)(
                Enumerable.Range(s * words * 4, words * 4).Max(i => blocks[((i & 3) * blockStride) + (i >> 2)]) + whole[((s & 3) * wholeStride) + (s >> 2)])));
        });

    private static ushort[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (ushort)random.Next(30_000))];

    /// <summary>Blocks of 16, 32 and 64 documents; never less than the truth, and no more than a bound of 1 beside it.</summary>
    [SkippableTheory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_superblock_may_reach_what_its_best_block_reaches(int blockBits)
    {
        Skip.IfNot(Avx2.IsSupported, "This CPU has no AVX2.");
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
}
