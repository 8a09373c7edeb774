using Akka.TestKit.Xunit2;
using Splade.Cluster.Catalog;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Tests.Ingest;

public sealed class ShardWriterTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private static readonly IndexMetadata Index = new("i", "uuid", DateTimeOffset.UnixEpoch, 1, 1, 0, null, Mapping.Empty);
    private readonly CatalogView _catalog = new();

    public ShardWriterTests() => _catalog.Update(new CatalogSnapshot(1, "c", [Index], []));

    [Fact]
    public async Task A_refused_batch_is_sent_again_as_it_was_and_batches_keep_their_order()
    {
        var writing = Write(TimeSpan.FromSeconds(30), 40_000, 40_000);
        var first = ExpectMsg<IndexBatch>(Wait);
        first.Operations.ShouldHaveSingleItem().Id.ShouldBe("0");
        LastSender.Tell(new IndexBatchRefused(first.Shard, first.BatchId, new ErrorInfo("busy", "moving", 503)), TestActor);
        var again = ExpectMsg<IndexBatch>(Wait);
        again.ShouldBe(first);
        Acknowledge(again, 5);
        var second = ExpectMsg<IndexBatch>(Wait);
        second.BatchId.ShouldNotBe(first.BatchId);
        second.Operations.ShouldHaveSingleItem().Id.ShouldBe("1");
        Acknowledge(second, 6);
        (await writing.WaitAsync(Wait)).Select(r => r.Result!.SeqNo).ShouldBe([5, 6]);
    }

    [Fact]
    public async Task Without_an_answer_the_outcome_is_unknown_and_later_batches_are_not_sent()
    {
        var results = await Write(TimeSpan.FromMilliseconds(300), 40_000, 40_000).WaitAsync(Wait);
        results.ShouldAllBe(r => r.Result == null && r.Error!.Type == "unavailable_shards_exception" && r.Error.Status == 503);
        results[0].Error!.Reason.ShouldContain("not known");
        results[1].Error!.Reason.ShouldContain("not sent");
    }

    [Fact]
    public async Task A_damaged_shard_is_told_at_once_and_nothing_was_written()
    {
        var writing = Write(TimeSpan.FromHours(1), 10);
        Refuse("file x, section y");
        var error = (await writing.WaitAsync(Wait))[0].Error!;
        (error.Type, error.Status).ShouldBe(("unavailable_shards_exception", 503));
        error.Reason.ShouldContain("nothing was written");
        error.Reason.ShouldContain("file x, section y");
    }

    [Fact]
    public async Task Whether_a_damaged_shard_has_a_batch_is_not_known_when_an_attempt_before_may_have_reached_its_journal()
    {
        var writing = Write(TimeSpan.FromSeconds(2), 10);
        var batch = ExpectMsg<IndexBatch>(Wait);
        LastSender.Tell(new IndexBatchRefused(batch.Shard, batch.BatchId, new ErrorInfo("unavailable_shards_exception", "the journal failed", 503)), TestActor);
        Refuse("damaged");
        (await writing.WaitAsync(Wait))[0].Error!.Reason.ShouldContain("not known");
    }

    [Fact]
    public async Task A_deleted_index_ends_the_repetition()
    {
        var writing = Write(TimeSpan.FromSeconds(30), 10);
        var batch = ExpectMsg<IndexBatch>(Wait);
        _catalog.Update(new CatalogSnapshot(2, "c", [], []));
        LastSender.Tell(new IndexBatchRefused(batch.Shard, batch.BatchId, new ErrorInfo("gone", "gone", 404)), TestActor);
        (await writing.WaitAsync(Wait))[0].Error!.Type.ShouldBe("index_not_found_exception");
    }

    private Task<IReadOnlyList<(OperationResult? Result, ErrorInfo? Error)>> Write(TimeSpan timeout, params int[] sizes) =>
        new ShardWriter(TestActor, _catalog, TimeProvider.System).WriteAsync(
            Index.Shard(0), [.. sizes.Select((size, i) => new ShardOperation(OperationKind.Index, $"{i}", new byte[size], []))], DateTimeOffset.UtcNow + timeout, default);

    private void Refuse(string damage)
    {
        var batch = ExpectMsg<IndexBatch>(Wait);
        LastSender.Tell(new IndexBatchRefused(batch.Shard, batch.BatchId, new ErrorInfo("corrupt_index_exception", damage, 500)), TestActor);
    }

    private void Acknowledge(IndexBatch batch, long seqNo) => LastSender.Tell(
        new IndexBatchAck(batch.Shard, batch.BatchId, [new OperationResult(OperationOutcome.Created, 1, seqNo)]), TestActor);
}
