using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Search;

public sealed class TopDocumentsTests
{
    private const int Documents = 3000;

    /// <summary>A known score is told before, between and after documents; the best are the same, and the threshold never passes them.</summary>
    [Fact]
    public void Known_scores_leave_the_best_documents()
    {
        var best = new TopDocuments();
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 300], Gen.Int[1, 50]).Sample(
            sample =>
            {
                var random = new Random(sample.Item1);
                var (k, distinct) = (sample.Item2, sample.Item3);
                using var memory = RanksOf(Shuffled(random), out var ranks);
                ranks = random.Next(2) == 0 ? ranks : new DocumentRanks("file", Documents);
                var isInteger = random.Next(3) == 0;
                var scores = Enumerable.Range(0, random.Next(k, Documents))
                    .Select(_ => isInteger || random.Next(2) == 0 ? random.Next(1, distinct + 1) : 1 + (random.NextDouble() * 100)).ToArray();
                var expected = scores.Select((s, d) => (Score: s, Document: d)).OrderByDescending(s => s.Score).ThenBy(s => ranks[s.Document]).Take(k).ToArray();
                best.Reset(ranks, k, random.Next(2) == 0 ? 0 : expected[^1].Score * random.NextDouble(), ceiling: 120);
                for (var d = 0; d < scores.Length; d++)
                {
                    if (random.Next(20) == 0)
                    {
                        best.Raise(expected[^1].Score * (random.Next(3) == 0 ? 1 : random.NextDouble()));
                    }

                    best.Add(scores[d], d);
                }

                best.Threshold.ShouldBeLessThanOrEqualTo(expected[^1].Score);
                best.Finish();
                best.Entries.ToArray().Select(e => (e.Score, e.Document)).ShouldBe(expected);
            },
            iter: 300,
            threads: 1);
    }

    /// <summary>What ties leave out is what ids leave out, of any 32 neighbours.</summary>
    [Fact]
    public unsafe void Tied_documents_are_out_by_their_ids()
    {
        const double Unit = 0.25;
        var best = new TopDocuments();
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 40]).Sample(
            sample =>
            {
                var random = new Random(sample.Item1);
                var k = sample.Item2;
                using var memory = RanksOf(Shuffled(random), out var ranks);
                var sums = new uint[(Documents + DocumentRanks.Block - 1) & -DocumentRanks.Block];
                foreach (ref var sum in sums.AsSpan(0, Documents))
                {
                    sum = (uint)random.Next(7, 9);
                }

                best.Reset(ranks, k, 0, ceiling: 10);
                for (var d = 0; d < Documents; d++)
                {
                    best.Add(sums[d] * Unit, d);
                }

                var ties = best.Ties(Unit);
                best.Finish();
                ties.Sum.ShouldBe(8u);
                var found = best.Entries.ToArray().Select(e => e.Document).ToHashSet();
                var left = 0;
                fixed (uint* pointer = sums)
                {
                    for (var d = 0; d < Documents; d += DocumentRanks.Block)
                    {
                        var bits = ties.Out(pointer + d, d);
                        for (var i = 0; i < Math.Min(DocumentRanks.Block, Documents - d); i++)
                        {
                            var isOut = ((bits >> i) & 1) != 0;
                            isOut.ShouldBe(ties.IsOut(sums[d + i], d + i));
                            (isOut && (sums[d + i] != 8 || found.Contains(d + i))).ShouldBeFalse();
                            left += sums[d + i] == 8 && !isOut ? 1 : 0;
                        }
                    }

                    ties.Out(pointer, Documents).ShouldBe(0u);
                }

                // Not all are known to be out, but nearly.
                left.ShouldBeInRange(k, Documents / 4);
            },
            iter: 100,
            threads: 1);
    }

    /// <summary>Of a damaged file: two documents have one place.</summary>
    [Fact]
    public void Damaged_ranks_end()
    {
        using var memory = RanksOf(new int[Documents], out var ranks);
        foreach (var k in new[] { 1, 10, 100, Documents })
        {
            var best = new TopDocuments();
            best.Reset(ranks, k, 0, ceiling: 2);
            for (var d = 0; d < Documents; d++)
            {
                best.Add(1, d);
            }

            best.Finish();
            best.Count.ShouldBe(k);
        }
    }

    [Fact]
    public void Ranks_of_documents_that_do_not_exist_are_damage()
    {
        using var memory = RanksOf([0, 1, 2, 4], out var ranks);
        Should.Throw<SegmentCorruptException>(() => ranks[0]).Message.ShouldContain(SegmentFormat.Order);
        Should.Throw<SegmentCorruptException>(() => ranks[4]).Message.ShouldContain(SegmentFormat.Postings);
        Should.Throw<SegmentCorruptException>(() => new DocumentRanks("file", 4)[-1]).Message.ShouldContain("file");
    }

    private static int[] Shuffled(Random random)
    {
        var ids = Enumerable.Range(0, Documents).ToArray();
        random.Shuffle(ids);
        return ids;
    }

    /// <summary>As a file has them: the document of each rank.</summary>
    private static SegmentMemory RanksOf(int[] byRank, out DocumentRanks ranks)
    {
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, byRank.Length);
        writer.Begin(SegmentFormat.Order);
        PackedNumbers.Write(writer, Array.ConvertAll(byRank, d => (long)d));
        writer.End();
        var bytes = output.ToArray()[SegmentFormat.Alignment..];
        var memory = SegmentMemory.OfBytes(bytes);
        long position = 0;
        ranks = new DocumentRanks("file", new PackedNumbers(new Section(memory, "file", SegmentFormat.Order, 0, bytes.Length), ref position, byRank.Length));
        return memory;
    }
}
