using Akka.TestKit.Xunit2;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Shards;
using Splade.Tests;

namespace Splade.Cluster.Tests.Ingest;

public sealed class ShardMaintenanceTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);
    private static readonly ShardId Shard = new("i", "u", ShardId.AllLanguages, 0);
    private readonly ManualTime _time = new();
    private readonly FakeDirectory _directory = new();

    [Fact]
    public async Task A_shard_without_leader_ends_the_repetition_and_a_slow_leader_does_not()
    {
        var maintenance = new ShardMaintenance(TestActor, _directory, _time);
        var refresh = new RefreshShard(Shard, Guid.NewGuid());
        var refreshing = maintenance.RunAsync(refresh, default);
        ExpectMsg<RefreshShard>(Wait);
        _directory.Leaders[Shard] = new Akka.Actor.Address("akka", "test");
        _time.Advance(TimeSpan.FromSeconds(40));
        ExpectMsg<RefreshShard>(Wait).ShouldBe(refresh);
        _directory.Leaders.Clear();
        (await refreshing.WaitAsync(Wait))!.Type.ShouldBe("no_shard_available_action_exception");
    }
}
