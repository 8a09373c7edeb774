using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Nodes;
using Splade.Cluster.Protocol.Shards;
using Splade.Cluster.Sharding;
using Splade.Storage;
using Splade.Tests;

namespace Splade.Cluster.Tests.Sharding;

/// <summary>One leader over a journal in memory and segments in a folder.</summary>
public sealed class IndexShardActorTests : TestKit
{
    private const string Configuration = """
        akka.loglevel = OFF
        akka.persistence.journal.plugin = failing-journal
        failing-journal.class = "Splade.Cluster.Tests.Sharding.FailingJournal, Splade.Cluster.Tests"
        failing-journal.plugin-dispatcher = "akka.actor.default-dispatcher"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        akka.actor.serializers.splade = "Splade.Cluster.Protocol.ProtocolSerializer, Splade.Cluster.Protocol"
        akka.actor.serialization-bindings."Splade.Cluster.Protocol.ISpladeProtocol, Splade.Cluster.Protocol" = splade
        """;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);
    private static readonly IndexMetadata Index = new("i", "uuid", DateTimeOffset.UnixEpoch, 1, 1, 0, null, Mapping.Empty);
    private static readonly ShardId Shard = Index.Shard(0);
    private readonly TemporaryFolder _folder = new();
    private readonly CatalogView _catalog = new();
    private readonly ShardRegistry _registry = new();
    private readonly HeldStore _store;

    public IndexShardActorTests()
        : base(Configuration)
    {
        _store = new HeldStore(new FileSystemSegmentStore(_folder.Path));
        _catalog.Update(new CatalogSnapshot(1, "c", [Index], []));
    }

    [Fact]
    public void A_repeated_batch_is_answered_as_the_first_time_from_memory_journal_and_manifest()
    {
        var batch = Batch([Put("a"), Put("a"), new ShardOperation(OperationKind.Delete, "b", default, [])]);
        var leader = Start();
        var first = Send<IndexBatchAck>(leader, batch);
        first.Results.Select(r => (r.Outcome, r.Version)).ShouldBe([(OperationOutcome.Created, 1), (OperationOutcome.Updated, 2), (OperationOutcome.NotFound, 1)]);
        Repeat(leader, "memory");

        leader = Restart(leader);
        Repeat(leader, "journal");
        Send<ShardDone>(leader, new FlushShard(Shard, Guid.NewGuid())).Error.ShouldBeNull();

        leader = Restart(leader);
        Repeat(leader, "manifest");
        Send<IndexBatchAck>(leader, batch with { BatchId = Guid.NewGuid() }).Results[1].Version.ShouldBe(4);

        void Repeat(IActorRef at, string where)
        {
            Send<IndexBatchAck>(at, batch).Results.ShouldBe(first.Results, where);
            Send<Documents>(at, new GetDocuments(Shard, Guid.NewGuid(), ["a"])).Found.ShouldHaveSingleItem()!.Version.ShouldBe(2, where);
        }
    }

    [Fact]
    public void A_batch_that_comes_after_its_deadline_is_not_begun_and_one_that_was_acknowledged_before_is_acknowledged_again()
    {
        var leader = Start();
        var old = Batch([Put("a")]) with { Deadline = DateTimeOffset.UtcNow };
        Send<IndexBatchAck>(leader, Batch([Put("a") with { Source = "{\"new\":1}"u8.ToArray() }]));
        Send<IndexBatchRefused>(leader, old).Error.Status.ShouldBe(504);
        var found = Send<Documents>(leader, new GetDocuments(Shard, Guid.NewGuid(), ["a"])).Found.ShouldHaveSingleItem()!;
        found.Version.ShouldBe(1);
        found.Source.Length.ShouldBe(9);

        var create = Batch([Put("b") with { Kind = OperationKind.Create }]);
        var created = Send<IndexBatchAck>(leader, create);
        for (var i = 0; i < 2000; i++)
        {
            leader.Tell(Batch([Put("c")]), TestActor);
        }

        ReceiveN(2000, Wait);
        Send<IndexBatchAck>(leader, create with { Deadline = DateTimeOffset.UtcNow }).Results.ShouldBe(created.Results);
    }

    [Fact]
    public async Task Who_reads_from_a_shard_that_can_not_open_is_told_why_at_once()
    {
        var leader = Start();
        Send<IndexBatchAck>(leader, Batch([Put("a")]));
        Send<ShardDone>(leader, new FlushShard(Shard, Guid.NewGuid())).Error.ShouldBeNull();
        foreach (var segment in Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories))
        {
            File.Delete(segment);
        }

        // Without a deadline: it is not what ends the waiting.
        var reading = new ShardReader(Restart(leader), new FakeDirectory(), TimeProvider.System)
            .GetAsync(Index, ["a"], DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, default);
        var error = (await Should.ThrowAsync<SearchClusterException>(() => reading.WaitAsync(Wait))).Error;
        (error.Type, error.Status).ShouldBe(("no_shard_available_action_exception", 503));
        error.Reason.ShouldContain("can't be opened");
        error.Reason.ShouldContain(".seg");
    }

    [Fact]
    public async Task A_shard_whose_segment_file_was_replaced_by_another_shards_does_not_open_until_its_own_is_back()
    {
        var other = Index.Shard(1);
        var (leader, otherLeader) = (Start(), Start(shard: other));
        Send<IndexBatchAck>(leader, Batch([Put("a")]));
        Send<IndexBatchAck>(otherLeader, Batch([Put("b")]) with { Shard = other });
        Send<ShardDone>(leader, new FlushShard(Shard, Guid.NewGuid())).Error.ShouldBeNull();
        Send<ShardDone>(otherLeader, new FlushShard(other, Guid.NewGuid())).Error.ShouldBeNull();
        var (path, otherPath) = (await SegmentPath(Shard), await SegmentPath(other));

        // Renamed, not written over: the leaders have the files mapped.
        var (copy, swapped) = (Path.Combine(_folder.Path, "copy"), Path.Combine(_folder.Path, "swapped"));
        File.Copy(path, copy);
        File.Copy(otherPath, swapped);
        File.Move(swapped, path, overwrite: true);

        leader = Restart(leader);
        var error = Send<ShardDone>(leader, new GetDocuments(Shard, Guid.NewGuid(), ["b"])).Error.ShouldNotBeNull();
        error.Type.ShouldBe("corrupt_index_exception");
        error.Reason.ShouldContain(path);
        error.Reason.ShouldContain("another segment");

        File.Move(copy, path, overwrite: true);
        leader = Restart(leader);
        Send<Documents>(leader, new GetDocuments(Shard, Guid.NewGuid(), ["a", "b"])).Found.Select(d => d?.Id).ShouldBe(["a", null]);

        async Task<string> SegmentPath(ShardId shard) =>
            await _store.GetLocalPathAsync((await _store.ListAsync(shard.StorePrefix, default)).ShouldHaveSingleItem().Key, default);
    }

    [Fact]
    public async Task While_a_damaged_shard_is_tried_again_its_last_reason_stands_until_it_is_opened()
    {
        var (services, segment) = await DamageAsync(new IndexShardOptions { RetryAfter = TimeSpan.FromMilliseconds(10) });
        var leader = Start(services);
        Watch(leader);
        ExpectTerminated(leader, Wait);
        ShouldStand();

        _store.HoldReads();
        leader = Start(services);
        await _store.Reading.WaitAsync(Wait);
        ShouldStand();
        Send<ShardDone>(leader, new GetDocuments(Shard, Guid.NewGuid(), ["a"])).Error!.Reason.ShouldContain(Path.GetFileName(segment));
        Send<IndexBatchRefused>(leader, Batch([Put("b")])).Error.Reason.ShouldContain(Path.GetFileName(segment));

        File.Move(segment + ".away", segment);
        _store.ReleaseReads();
        AwaitAssert(() => _registry.Statuses.ShouldHaveSingleItem().State.ShouldBe(ShardState.Started), Wait);
        _registry.Statuses[0].Problem.ShouldBeNull();
        Send<Documents>(leader, new GetDocuments(Shard, Guid.NewGuid(), ["a"])).Found.ShouldHaveSingleItem()!.Id.ShouldBe("a");

        void ShouldStand()
        {
            var status = _registry.Statuses.ShouldHaveSingleItem();
            status.State.ShouldBe(ShardState.Failed);
            status.Problem!.ShouldContain(Path.GetFileName(segment));
        }
    }

    [Fact]
    public async Task A_damaged_shard_that_is_handed_over_leaves_no_reason_behind()
    {
        var (services, _) = await DamageAsync(new IndexShardOptions());
        var leader = Start(services);
        Send<ShardDone>(leader, new GetDocuments(Shard, Guid.NewGuid(), ["a"])).Error.ShouldNotBeNull();
        _registry.Statuses.ShouldHaveSingleItem().State.ShouldBe(ShardState.Failed);
        Watch(leader);
        leader.Tell(StopIndexShard.Instance);
        ExpectTerminated(leader, Wait);
        _registry.Statuses.ShouldBeEmpty();
        services.OpenFailures.ProblemOf(Shard).ShouldBeNull();
    }

    [Fact]
    public async Task The_reason_of_a_damaged_shard_that_does_not_come_back_to_the_node_is_removed_and_that_of_one_that_did_is_not()
    {
        var time = new HeldTimers();
        var (damaged, _) = await DamageAsync(new IndexShardOptions { RetryAfter = TimeSpan.FromMilliseconds(10) });
        var services = damaged with { Time = time };
        for (var i = 0; i < 2; i++)
        {
            var leader = Start(services);
            Watch(leader);
            ExpectTerminated(leader, Wait);
        }

        time.Held.Count.ShouldBe(2);
        time.Held[0]();
        _registry.Statuses.ShouldHaveSingleItem().State.ShouldBe(ShardState.Failed);
        time.Held[1]();
        _registry.Statuses.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_shard_that_no_node_leads_is_not_waited_for_longer_than_it_may_take_to_place_it()
    {
        var reading = new ShardReader(TestActor, new FakeDirectory(), TimeProvider.System).GetAsync(Index, ["a"], DateTimeOffset.MaxValue, DateTimeOffset.UtcNow, default);
        (await Should.ThrowAsync<SearchClusterException>(() => reading.WaitAsync(Wait))).Error.Reason.ShouldBe("[i.mul.000] no node leads the shard");
    }

    [Fact]
    public async Task A_flush_that_is_asked_for_while_another_publishes_covers_what_was_written_meanwhile()
    {
        var leader = Start();
        Send<IndexBatchAck>(leader, Batch([Put("a")]));
        _store.Hold();
        var (first, second) = (new FlushShard(Shard, Guid.NewGuid()), new FlushShard(Shard, Guid.NewGuid()));
        leader.Tell(first, TestActor);
        await _store.Publishing.WaitAsync(Wait);
        Send<IndexBatchAck>(leader, Batch([Put("b")]));
        leader.Tell(second, TestActor);
        _store.Release();
        ExpectMsg<ShardDone>(Wait).RequestId.ShouldBe(first.RequestId);
        ExpectMsg<ShardDone>(Wait).RequestId.ShouldBe(second.RequestId);
        _registry.Statuses.ShouldHaveSingleItem().UnflushedOperations.ShouldBe(0);
        _store.Published.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_batch_that_the_journal_failed_on_is_refused_with_the_reason_and_done_once_when_it_is_repeated(bool written)
    {
        var leader = Start();
        Send<IndexBatchAck>(leader, Batch([Put("a")]));
        FailingJournal.FailNext("No space left on device", written);
        Watch(leader);
        var create = Batch([Put("b") with { Kind = OperationKind.Create }]);
        Send<IndexBatchRefused>(leader, create).Error.Reason.ShouldContain("No space left on device");
        ExpectTerminated(leader, Wait);

        leader = Start();
        Send<IndexBatchAck>(leader, create).Results.ShouldHaveSingleItem().Outcome.ShouldBe(OperationOutcome.Created);
        Send<Documents>(leader, new GetDocuments(Shard, Guid.NewGuid(), ["b"])).Found.ShouldHaveSingleItem()!.Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_drop_waits_for_the_flush_that_is_publishing_and_leaves_no_file()
    {
        var leader = Start();
        Send<IndexBatchAck>(leader, Batch([Put("a")]));
        _store.Hold();
        var flush = new FlushShard(Shard, Guid.NewGuid());
        leader.Tell(flush, TestActor);
        await _store.Publishing.WaitAsync(Wait);
        var drop = new DropShard(Shard, Guid.NewGuid());
        leader.Tell(drop, TestActor);
        var flushed = ExpectMsg<ShardDone>(Wait);
        (flushed.RequestId, flushed.Error!.Type).ShouldBe((flush.RequestId, "index_not_found_exception"));
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(200));
        Watch(leader);
        _store.Release();
        var dropped = ExpectMsg<ShardDone>(Wait);
        (dropped.RequestId, dropped.Error).ShouldBe((drop.RequestId, null));
        ExpectTerminated(leader, Wait);
        _store.Published.ShouldBe(1);
        (await _store.ListAsync(Shard.StorePrefix, default)).ShouldBeEmpty();
    }

    [Fact]
    public void A_merge_writes_no_faster_than_it_may()
    {
        const int segments = 8;
        var leader = Start(new IndexShardOptions { MergeBytesPerSecond = 100_000 });
        for (var i = 0; i < segments - 1; i++)
        {
            Flush(i);
        }

        var start = Stopwatch.GetTimestamp();
        Flush(segments - 1);
        AwaitCondition(() => _store.Published == segments + 1, Wait, TimeSpan.FromMilliseconds(20));
        Stopwatch.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromSeconds(1));

        void Flush(int number)
        {
            // 16 KB that nothing compresses.
            var source = JsonSerializer.SerializeToUtf8Bytes(new { bytes = RandomNumberGenerator.GetBytes(16_000) });
            Send<IndexBatchAck>(leader, Batch([Put($"{number}") with { Source = source }]));
            Send<ShardDone>(leader, new FlushShard(Shard, Guid.NewGuid())).Error.ShouldBeNull();
        }
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _folder.Dispose();
    }

    private static IndexBatch Batch(ImmutableArray<ShardOperation> operations) => new(Shard, Guid.NewGuid(), DateTimeOffset.UtcNow + TimeSpan.FromMinutes(5), operations);

    private static ShardOperation Put(string id) => new(OperationKind.Index, id, "{}"u8.ToArray(), []);

    private IActorRef Start(IndexShardOptions? options = null, ShardId? shard = null) => Start(Services(options ?? new IndexShardOptions()), shard);

    private IndexShardServices Services(IndexShardOptions options) => new(_store, _registry, _catalog, TimeProvider.System, options);

    /// <summary>What a node has whose shard has lost the file of its only segment, and the path of that; the file lies beside it, as <c>.away</c>.</summary>
    private async Task<(IndexShardServices Services, string Segment)> DamageAsync(IndexShardOptions options)
    {
        var leader = Start();
        Send<IndexBatchAck>(leader, Batch([Put("a")]));
        Send<ShardDone>(leader, new FlushShard(Shard, Guid.NewGuid())).Error.ShouldBeNull();
        Watch(leader);
        leader.Tell(StopIndexShard.Instance);
        ExpectTerminated(leader, Wait);
        var segment = await _store.GetLocalPathAsync((await _store.ListAsync(Shard.StorePrefix, default)).ShouldHaveSingleItem().Key, default);
        File.Move(segment, segment + ".away");
        return (Services(options), segment);
    }

    private IActorRef Start(IndexShardServices services, ShardId? shard = null)
    {
        var entity = (shard ?? Shard).ToString();
        return Sys.ActorOf(Props.Create(() => new IndexShardActor(entity, services)));
    }

    private IActorRef Restart(IActorRef leader)
    {
        Watch(leader);
        leader.Tell(StopIndexShard.Instance);
        ExpectTerminated(leader, Wait);
        return Start();
    }

    private T Send<T>(IActorRef leader, object message)
    {
        leader.Tell(message, TestActor);
        return ExpectMsg<T>(Wait);
    }

    /// <summary>A store that is slow to publish or to read when told so, and does not listen to a cancellation that comes too late.</summary>
    private sealed class HeldStore(ISegmentStore store) : ISegmentStore
    {
        private readonly TaskCompletionSource _publishing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _readsReleased = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _held;
        private volatile bool _readsHeld;

        public Task Publishing => _publishing.Task;

        public int Published { get; private set; }

        public void Hold() => _held = true;

        public void Release() => _released.SetResult();

        /// <summary>A file that is held has been asked for.</summary>
        public Task Reading => _reading.Task;

        public void HoldReads() => _readsHeld = true;

        public void ReleaseReads() => _readsReleased.SetResult();

        public async Task PublishAsync(string key, string stagedPath, CancellationToken cancellationToken)
        {
            if (_held)
            {
                _publishing.TrySetResult();
                await _released.Task;
            }

            await store.PublishAsync(key, stagedPath, CancellationToken.None);
            Published++;
        }

        public Task<string> GetIdentityAsync(CancellationToken cancellationToken) => store.GetIdentityAsync(cancellationToken);

        public string GetStagingFolder(string prefix) => store.GetStagingFolder(prefix);

        public async Task<string> GetLocalPathAsync(string key, CancellationToken cancellationToken)
        {
            if (_readsHeld)
            {
                _reading.TrySetResult();
                await _readsReleased.Task;
            }

            return await store.GetLocalPathAsync(key, cancellationToken);
        }

        public Task<IReadOnlyList<StoredFile>> ListAsync(string prefix, CancellationToken cancellationToken) => store.ListAsync(prefix, cancellationToken);

        public Task DeleteAsync(string key, CancellationToken cancellationToken) => store.DeleteAsync(key, cancellationToken);
    }

    /// <summary>Timers fire when a test says so.</summary>
    private sealed class HeldTimers : TimeProvider
    {
        public List<Action> Held { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Held.Add(() => callback(state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
