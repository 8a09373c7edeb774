using System.Globalization;
using System.Runtime.Intrinsics.X86;
using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests;

/// <summary>What is done to bounds many at a time, beside the same one by one.</summary>
public sealed unsafe class BoundTests
{
    [Fact]
    public void A_superblocks_bound_is_its_best_blocks_and_what_is_known_of_it_as_a_whole() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[0, 1 << 30]).Sample((count, seed) =>
        {
            var random = new Random(seed);
            var blockStride = (count + 31) & ~31;
            var wholeStride = ((count / 4) + 32) & ~31;
            var blocks = Numbers(random, 4 * blockStride);
            var whole = Numbers(random, 4 * wholeStride);
            var bounds = new ushort[count + SuperblockBounds.Padding];
            fixed (ushort* b = blocks, w = whole, into = bounds)
            {
                SuperblockBounds.Compute(b, blockStride, w, wholeStride, count, into);
            }

            bounds[..count].ShouldBe(Enumerable.Range(0, count).Select(s => (ushort)(
                Enumerable.Range(0, 4).Max(b => blocks[(b * blockStride) + s]) + whole[((s & 3) * wholeStride) + (s >> 2)])));
        });

    /// <summary>Of documents with several scales and of lists of every kind.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_document_scores_more_than_its_superblocks_bound(bool farLarger)
    {
        var corpus = new RandomCorpus(3) { Scales = !farLarger, FarLarger = farLarger ? 1e6f : 1, Vocabulary = 20_000 };

        // Those of the far larger scale last, as merges put them.
        var documents = Enumerable.Range(0, 20_000).Select(corpus.Document).OrderBy(d => d.SeqNo % 4000 == 17).Select((d, i) => d with { Id = $"d{i:d6}" }).ToArray();
        var segment = Segment.OfBytes(SegmentBuilder.Build(documents, smallestExponent: -6), "segment");
        segment.Field("f")!.BoundedSuperblocks.ShouldBe(SegmentFormat.Superblocks(documents.Length) - (farLarger ? 1 : 0));
        var oracle = new SearchOracle(smallestExponent: -6);
        Array.ForEach(documents, oracle.Index);
        var (bound, bounds) = (new SegmentQuery(), new BlockBounds());
        for (var i = 1; i < 40; i++)
        {
            var query = corpus.Query("f", i);
            bound.Bind(segment, PreparedQuery.Of(query), k: 10).ShouldBeTrue();
            bounds.Compute(bound);
            foreach (var hit in oracle.Search(query))
            {
                // They are in the order of their ids.
                var superblock = int.Parse(hit.Id.AsSpan(1), CultureInfo.InvariantCulture) >> SegmentFormat.SuperblockBits;
                ((int)bounds.Superblocks[superblock]).ShouldBeGreaterThanOrEqualTo(bounds.Needed(hit.Score, SearchOptions.Exact));
            }
        }

        segment.Release();
    }

    private static ushort[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (ushort)random.Next(30_000))];

    /// <summary>Never less than the truth, and no more than a bound of 1 beside it.</summary>
    [SkippableFact]
    public void A_superblock_may_reach_what_its_best_block_reaches()
    {
        Skip.IfNot(Avx2.IsSupported, "This CPU has no AVX2.");
        Gen.Select(Gen.UInt[0, 1_000_000].Array[SegmentFormat.SuperblockSize], Gen.UShort[0, 30_000].Array[SegmentFormat.SuperblockBlocks], Gen.Float[1e-4f, 0.03f], Gen.Int[1, 60_000]).Sample(
            (sums, bounds, ratio, needed) =>
            {
                const int Size = 1 << SegmentFormat.BlockBits;
                var best = bounds.Select((bound, b) => (sums.AsSpan(b * Size, Size).ToArray().Max() * (double)ratio) + bound).Max();
                bool reaches;
                fixed (uint* s = sums)
                fixed (ushort* b = bounds)
                {
                    reaches = BlockMaxima.MayReach(s, b, stride: 1, ratio, needed);
                }

                (reaches || best < needed).ShouldBeTrue();
                (!reaches || best > needed - 1).ShouldBeTrue();
            });
    }
}
