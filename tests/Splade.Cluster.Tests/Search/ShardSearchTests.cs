using System.Globalization;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Search.Leaf;
using Splade.Index;
using Splade.Tests;

namespace Splade.Cluster.Tests.Search;

public sealed class ShardSearchTests
{
    [Fact]
    public void A_budget_ends_a_search_early_and_counting_goes_as_far_as_asked()
    {
        using var folder = new TemporaryFolder();
        using var writer = IndexWriter.Open([]);
        var random = new Random(1);
        for (var i = 0; i < 30_000; i++)
        {
            writer.Index(new IndexDocument(
                i.ToString(CultureInfo.InvariantCulture),
                1,
                i,
                default,
                [new SparseField("f", [new FeatureWeight("a", random.Next(1, 256)), new FeatureWeight($"t{random.Next(30)}", random.Next(1, 256))])]));
        }

        var flush = writer.BeginFlush()!;
        flush.Run(folder.Path);
        writer.Complete(flush);
        using var reader = writer.Refresh();
        var shard = new ShardId("i", "u", ShardId.AllLanguages, 0);
        var query = new SparseVectorQuery("f", [new FeatureWeight("a", 1f), new FeatureWeight("t3", 2f)]);
        ShardSearch Run(SearchMode? mode) => ShardSearch.Run(
            reader, new LeafSearch(Guid.NewGuid(), [shard], query, 10, DateTimeOffset.MaxValue, mode), 0, TimeSpan.FromMinutes(10), CancellationToken.None);

        var exact = Run(null);
        (exact.Top.Total, exact.Top.TotalIsLowerBound, exact.TimedOut, exact.TerminatedEarly).ShouldBe((30_000, false, false, false));
        var uncounted = Run(new SearchMode(1, null, 0, true));
        uncounted.Top.Hits.ShouldBe(exact.Top.Hits);
        uncounted.ToProfile(new LeafSearch(Guid.NewGuid(), [shard], query, 10, DateTimeOffset.MaxValue), reader).Description.ShouldBe("f:t3^2 f:a^1");
        var counted = Run(new SearchMode(1, null, 100, false));
        counted.Top.Hits.ShouldBe(exact.Top.Hits);
        counted.Top.TotalIsLowerBound.ShouldBeTrue();
        counted.Top.Total.ShouldBeGreaterThanOrEqualTo(100);

        // What REST asks for by default: so many are known to match at once, and the rest is skipped.
        var usual = Run(new SearchMode(1, null, 10_000, true));
        usual.Top.Hits.ShouldBe(exact.Top.Hits);
        (usual.Top.Total, usual.Top.TotalIsLowerBound).ShouldBe((10_000, true));
        var profile = usual.ToProfile(new LeafSearch(Guid.NewGuid(), [shard], query, 10, DateTimeOffset.MaxValue), reader);
        (profile.ExhaustiveSegments, profile.End).ShouldBe((0, SearchEnd.Bounds));
        profile.Superblocks.ShouldBeLessThan(profile.AllSuperblocks);
        profile.Blocks.ShouldBe(profile.Superblocks * 4);
        (exact.Top.Statistics.End, exact.Top.Statistics.ExhaustiveSegments).ShouldBe((SearchEnd.Exhausted, 1));

        var stopped = Run(new SearchMode(1, 1, 0, false));
        stopped.Top.Statistics.End.ShouldBe(SearchEnd.Budget);
        (stopped.TerminatedEarly, stopped.TimedOut).ShouldBe((true, false));
        stopped.Top.Hits.Length.ShouldBe(10);
        stopped.Top.Statistics.Superblocks.ShouldBeLessThan(exact.Top.Statistics.AllSuperblocks);
    }
}
