using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Catalog;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;
using Splade.Cluster.Sharding;

namespace Splade.Cluster.Tests.Sharding;

public sealed class ShardKeepAliveActorTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private readonly CatalogView _view = new();

    [Fact]
    public void A_drop_that_takes_longer_than_the_next_request_for_it_is_confirmed()
    {
        var (region, catalog) = (CreateTestProbe(), CreateTestProbe());
        var shard = new IndexMetadata("i", "uuid", DateTimeOffset.UnixEpoch, 1, 1, 0, null, Mapping.Empty).Shard(0);
        _view.Update(new CatalogSnapshot(1, "c", [], [shard]));
        var actor = KeepAlive(region, catalog);
        var first = region.ExpectMsg<DropShard>(Wait);
        _view.Update(new CatalogSnapshot(2, "c", [], [shard]));
        region.ExpectMsg<DropShard>(Wait).ShouldBe(first);
        actor.Tell(new ShardDone(shard, Guid.NewGuid()), region);
        actor.Tell(new ShardDone(shard, first.RequestId), region);
        catalog.ExpectMsg<ShardDropped>(Wait).Shard.ShouldBe(shard);
        catalog.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    private IActorRef KeepAlive(TestProbe region, TestProbe catalog) =>
        Sys.ActorOf(Props.Create(() => new ShardKeepAliveActor(region.Ref, catalog.Ref, _view)));
}
