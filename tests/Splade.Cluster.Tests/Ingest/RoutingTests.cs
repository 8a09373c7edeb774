using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Tests.Ingest;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("", 0x02CC5D05u)]
    [InlineData("a", 0x550D7456u)]
    [InlineData("abc", 0x32D153FFu)]
    public void A_slot_is_the_published_hash_of_the_id(string id, uint hash) => SlotRouter.Slot(id).ShouldBe((int)(hash % IndexMetadata.Slots));

    [Fact]
    public void Every_shard_gets_its_part_of_the_ids()
    {
        var index = new IndexMetadata("i", "u", DateTimeOffset.UnixEpoch, 1, 7, 0, null, Mapping.Empty);
        var counts = Enumerable.Range(0, 7000).CountBy(i => SlotRouter.Locate(index, $"doc-{i}")).ToDictionary();
        counts.Count.ShouldBe(7);
        counts.Values.ShouldAllBe(c => c > 800 && c < 1200);
    }

    [Fact]
    public void Batches_cover_all_operations_in_order_within_their_size()
    {
        ShardOperation[] operations = [.. Enumerable.Range(0, 200).Select(i => new ShardOperation(OperationKind.Index, $"{i}", new byte[i == 50 ? 300_000 : 1000], []))];
        var batches = BatchSplitter.Split(operations).ToArray();
        batches.SelectMany(b => Enumerable.Range(b.Start, b.Count)).ShouldBe(Enumerable.Range(0, 200));
        batches.ShouldContain((50, 1));
        batches.Where(b => b.Start != 50).ShouldAllBe(b => operations.Skip(b.Start).Take(b.Count).Sum(o => o.Source.Length) <= BatchSplitter.BatchBytes);
        BatchSplitter.Split([]).ShouldBeEmpty();
    }

    [Fact]
    public void Automatic_ids_are_short_safe_and_distinct()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => AutoId.New(TimeProvider.System)).ToArray();
        ids.Distinct().Count().ShouldBe(1000);
        ids.ShouldAllBe(id => id.Length == 20 && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-' || c == '_'));
    }
}
