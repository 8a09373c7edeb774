using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Shards;
using Splade.Cluster.Sharding;
using Splade.Index;
using Splade.Tests;

namespace Splade.Cluster.Tests.Sharding;

public sealed class IndexShardStateTests
{
    private static readonly ManualTime Time = new();
    private static readonly ShardId Shard = new("wiki", "uuid", ShardId.AllLanguages, 0);
    private readonly IndexShardState _state = State(_ => null);

    [Fact]
    public void Operations_of_one_batch_see_each_other()
    {
        var decided = _state.Decide(Batch(Op("a"), Op("a"), Op("a", OperationKind.Delete), Op("a", OperationKind.Create)));
        decided.Operations.Select(o => (o.Outcome, o.Version, o.SeqNo)).ShouldBe(
        [
            (OperationOutcome.Created, 1, 0), (OperationOutcome.Updated, 2, 1), (OperationOutcome.Deleted, 3, 2), (OperationOutcome.Created, 4, 3),
        ]);
    }

    [Fact]
    public void A_write_with_a_stale_sequence_number_conflicts_and_takes_no_number()
    {
        var decided = State(_ => (7, 5)).Decide(Batch(Op("a") with { IfSeqNo = 4 }, Op("a") with { IfSeqNo = 5 }));
        decided.Operations.Select(o => (o.Outcome, o.Version, o.SeqNo)).ShouldBe(
            [(OperationOutcome.VersionConflict, 7, 5), (OperationOutcome.Updated, 8, 0)]);
    }

    [Fact]
    public void Only_the_newest_batches_are_remembered()
    {
        var batches = Enumerable.Range(0, 3).Select(_ => Batch(Op("a"))).ToArray();
        foreach (var batch in batches)
        {
            _state.Apply(_state.Decide(batch));
        }

        batches.Select(b => _state.AnswerOf(b.BatchId) is not null).ShouldBe([false, true, true]);
    }

    [Fact]
    public void A_batch_is_remembered_as_long_as_it_may_be_repeated()
    {
        var time = new ManualTime();
        var state = new IndexShardState(new IndexShardOptions(), _ => null, time);
        var (soon, late) = (Batch(Op("a")) with { Deadline = time.GetUtcNow() + TimeSpan.FromSeconds(10) }, Batch(Op("a")));
        state.Apply(state.Decide(soon));
        state.Apply(state.Decide(late));
        time.Advance(TimeSpan.FromSeconds(20));
        state.RecentBatches.Length.ShouldBe(2);
        time.Advance(TimeSpan.FromSeconds(30));
        state.RecentBatches.ShouldHaveSingleItem().BatchId.ShouldBe(late.BatchId);
        state.Apply(state.Decide(Batch(Op("a"))));
        state.AnswerOf(soon.BatchId).ShouldBeNull();
        state.AnswerOf(late.BatchId).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_bad_weight_is_found_before_the_journal(float weight) =>
        IndexShardState.FindFault(Batch(Op("a") with { Fields = [new SparseField("f", [new FeatureWeight("x", weight)])] })).ShouldNotBeNull();

    private static IndexShardState State(Func<string, (long, long)?> find) => new(new IndexShardOptions { RememberedBatches = 2 }, find, Time);

    private static IndexBatch Batch(params ShardOperation[] operations) => new(Shard, Guid.NewGuid(), Time.GetUtcNow() + TimeSpan.FromMinutes(5), [.. operations]);

    private static ShardOperation Op(string id, OperationKind kind = OperationKind.Index) => new(kind, id, default, []);
}
