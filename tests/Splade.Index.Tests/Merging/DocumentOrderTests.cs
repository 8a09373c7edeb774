using Splade.Index.Merging;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Merging;

/// <summary>A merge puts similar documents side by side, however they came.</summary>
public sealed class DocumentOrderTests
{
    private const int Count = 10_000;

    /// <summary>40 documents each: between two and three pivots.</summary>
    private const int Topics = 250;

    private static readonly IndexDocument[] Documents = Generate();

    [Fact]
    public void Documents_of_a_topic_lie_side_by_side()
    {
        var merged = Segment.OfBytes(Merge([Documents]), "merged");
        var topics = Enumerable.Range(0, SegmentFormat.Superblocks(Count))
            .Select(s => Enumerable.Range(s << SegmentFormat.SuperblockBits, SegmentFormat.SuperblockSize)
                .Where(d => d < Count)
                .Select(d => merged.Version(d).SeqNo % Topics)
                .Distinct()
                .Count())
            .ToArray();

        // 256 documents are of 7 topics at least, and of 160 in the order of ids.
        topics.Average().ShouldBeLessThan(16);
        merged.Release();
    }

    [Fact]
    public void The_order_is_the_same_however_documents_are_spread_over_segments()
    {
        var whole = Merge([Documents]);
        Merge([.. Documents.GroupBy(d => d.SeqNo * 7 % 3).Select(g => g.ToArray())]).ShouldBe(whole);
    }

    private static byte[] Merge(IndexDocument[][] parts)
    {
        var sources = parts.Select((p, i) => (Segment: Segment.OfBytes(SegmentBuilder.Build(p, -6), $"source {i}"), Live: LiveDocs.AllLive(p.Length))).ToArray();
        using var output = new MemoryStream();
        SegmentMerger.Merge(sources, output, reorder: true, CancellationToken.None);
        foreach (var (segment, _) in sources)
        {
            segment.Release();
        }

        return output.ToArray();
    }

    private static IndexDocument[] Generate()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Count).Select(number => Document(number, random))];
    }

    /// <summary>About 14 of the 25 terms of its topic, and 8 of any.</summary>
    private static IndexDocument Document(int number, Random random)
    {
        var topic = number % Topics;
        var own = Enumerable.Range(0, 20).Select(_ => (topic * 25) + random.Next(25));
        var any = Enumerable.Range(0, 8).Select(_ => random.Next(Topics * 25));
        return new IndexDocument(
            $"d{number}", 1, number, ReadOnlyMemory<byte>.Empty,
            [new SparseField("f", [.. own.Concat(any).Distinct().Select(t => new FeatureWeight($"t{t}", random.Next(1, 256) / 64f))])]);
    }
}
