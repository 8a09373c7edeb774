using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Search;

public sealed unsafe class CandidateScanTests
{
    [Fact]
    public void A_sum_that_k_documents_reach_is_reached_by_as_many() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 24], Gen.Int[1, 60]).Sample(
            sample =>
            {
                var (seed, superblocks, k) = sample;
                var random = new Random(seed);
                var largest = random.Next(4) == 0 ? uint.MaxValue : 1u << random.Next(1, 24);
                var sums = Enumerable.Range(0, superblocks << SegmentFormat.SuperblockBits).Select(_ => random.Next(3) == 0 ? (uint)random.NextInt64(largest) : 0).ToArray();
                var chosen = Enumerable.Range(0, superblocks).Where(_ => random.Next(4) > 0).ToArray();
                var least = random.Next(3) == 0 ? 1u : (uint)Math.Max(1, random.NextInt64(largest));
                var reached = Reached(k, sums, chosen, least);
                reached.ShouldBeGreaterThanOrEqualTo(least);
                if (reached > least)
                {
                    chosen.Sum(s => sums.AsSpan(s << SegmentFormat.SuperblockBits, SegmentFormat.SuperblockSize).ToArray().Count(sum => sum >= reached)).ShouldBeGreaterThanOrEqualTo(k);
                }
            },
            iter: 2000);

    /// <summary>What it is for: few documents are left to look at, where without it all would be.</summary>
    [Fact]
    public void Few_documents_more_than_k_reach_it()
    {
        var random = new Random(5);
        var sums = Enumerable.Range(0, 20 << SegmentFormat.SuperblockBits).Select(_ => (uint)(1_000_000 * Math.Pow(random.NextDouble(), 8))).ToArray();
        var reached = Reached(10, sums, [.. Enumerable.Range(0, 20)], least: 1);
        sums.Count(s => s >= reached).ShouldBeInRange(10, 20);
    }

    private static uint Reached(int k, uint[] sums, int[] superblocks, uint least)
    {
        fixed (uint* pointer = sums)
        {
            return new CandidateScan().ReachedBy(k, pointer, [.. superblocks.Select(s => new ScoredSuperblock(1000 + s, s << SegmentFormat.SuperblockBits))], least);
        }
    }
}
