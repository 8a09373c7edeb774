using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Api;
using Splade.Cluster.Encoding;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Index;
using Splade.Tests;

namespace Splade.Cluster.Tests.Encoding;

public sealed class EncodeQueueActorTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private readonly ManualTime _time = new();
    private readonly FakeDirectory _directory = new() { Current = FakeDirectory.Encoder("m") };

    [Fact]
    public async Task A_batch_holds_what_the_worker_has_credit_for_of_one_model()
    {
        var (queue, worker) = (Queue(), CreateTestProbe());
        _directory.Current = FakeDirectory.Encoder("m", "other");
        var items = Put(queue, ("m", "first"), ("other", "foreign"), ("m", "second"), ("m", new string('x', 300)), ("m", "last"));
        Ask(queue, worker, 20, "m");
        var batch = worker.ExpectMsg<EncodeBatch>(Wait);
        batch.Texts.ShouldBe(["first", "second"]);
        worker.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        Answer(queue, worker, batch);
        (await items[0].Done.Task.WaitAsync(Wait)).Features.ShouldHaveSingleItem().Feature.ShouldBe("first");

        Ask(queue, worker, 20, "m");
        worker.ExpectMsg<EncodeBatch>(Wait).Texts.ShouldHaveSingleItem().Length.ShouldBe(300);
        items[1].Done.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_dead_workers_batch_goes_to_the_next_one_before_younger_texts()
    {
        var (queue, first, second) = (Queue(), CreateTestProbe(), CreateTestProbe());
        var items = Put(queue, ("m", "a"), ("m", "b"));
        Ask(queue, first, 100, "m");
        first.ExpectMsg<EncodeBatch>(Wait).Texts.ShouldBe(["a", "b"]);
        Put(queue, ("m", "c"));
        Sys.Stop(first.Ref);
        Ask(queue, second, 4, "m");
        var batch = second.FishForMessage<EncodeBatch>(_ => true, Wait);
        if (batch.Texts[0] == "c")
        {
            // The request was faster than the notice of the death.
            Answer(queue, second, batch);
            Ask(queue, second, 100, "m");
            batch = second.ExpectMsg<EncodeBatch>(Wait);
        }

        batch.Texts[0].ShouldBe("a");
        Answer(queue, second, batch);
        await items[0].Done.Task.WaitAsync(Wait);
    }

    [Fact]
    public async Task A_late_answer_under_a_lost_lease_is_ignored()
    {
        var (queue, slow, next) = (Queue(), CreateTestProbe(), CreateTestProbe());
        var item = Put(queue, ("m", "a"))[0];
        Ask(queue, slow, 100, "m");
        var lost = slow.ExpectMsg<EncodeBatch>(Wait);
        _time.Advance(TimeSpan.FromMinutes(3));
        Ask(queue, next, 100, "m");
        var batch = next.ExpectMsg<EncodeBatch>(Wait);
        (batch.Texts[0], batch.BatchId == lost.BatchId).ShouldBe(("a", false));
        queue.Tell(new EncodeResult(lost.BatchId, Guid.Empty, [new EncodedDocument([new FeatureWeight("late", 1)], 1, false)]), slow);
        Answer(queue, next, batch);
        (await item.Done.Task.WaitAsync(Wait)).Features.ShouldHaveSingleItem().Feature.ShouldBe("a");
    }

    [Fact]
    public async Task A_text_that_outlives_its_leases_is_given_up()
    {
        var (queue, worker) = (Queue(), CreateTestProbe());
        var item = Put(queue, ("m", "poison"))[0];
        for (var loss = 0; loss < 3; loss++)
        {
            Ask(queue, worker, 100, "m");
            worker.ExpectMsg<EncodeBatch>(Wait).Texts.ShouldBe(["poison"]);
            _time.Advance(TimeSpan.FromMinutes(3));
        }

        (await item.Done.Task.WaitAsync(Wait)).Error!.Reason.ShouldContain("given up");
    }

    [Fact]
    public async Task An_answer_of_the_wrong_length_counts_as_a_loss()
    {
        var (queue, worker) = (Queue(), CreateTestProbe());
        var item = Put(queue, ("m", "a"))[0];
        Ask(queue, worker, 100, "m");
        queue.Tell(new EncodeResult(worker.ExpectMsg<EncodeBatch>(Wait).BatchId, Guid.Empty, []), worker);
        Ask(queue, worker, 100, "m");
        Answer(queue, worker, worker.ExpectMsg<EncodeBatch>(Wait));
        (await item.Done.Task.WaitAsync(Wait)).Error.ShouldBeNull();
    }

    [Fact]
    public async Task Of_an_answer_in_parts_what_is_lost_is_encoded_again()
    {
        var (queue, worker) = (Queue(), CreateTestProbe());
        var items = Put(queue, ("m", "a"), ("m", "b"), ("m", "c"));
        Ask(queue, worker, 100, "m");
        var batch = worker.ExpectMsg<EncodeBatch>(Wait);
        queue.Tell(new EncodeResult(batch.BatchId, Guid.Empty, [new EncodedDocument([new FeatureWeight("c", 1)], 1, false)]) { First = 2 }, worker);
        queue.Tell(new EncodeResult(batch.BatchId, Guid.Empty, [new EncodedDocument([new FeatureWeight("a", 1)], 1, false)]), worker);
        (await items[2].Done.Task.WaitAsync(Wait)).Features[0].Feature.ShouldBe("c");
        (await items[0].Done.Task.WaitAsync(Wait)).Features[0].Feature.ShouldBe("a");
        items[1].Done.Task.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(3));
        Ask(queue, worker, 100, "m");
        batch = worker.ExpectMsg<EncodeBatch>(Wait);
        batch.Texts.ShouldBe(["b"]);
        Answer(queue, worker, batch);
        (await items[1].Done.Task.WaitAsync(Wait)).Features[0].Feature.ShouldBe("b");
    }

    [Fact]
    public async Task A_model_that_no_encoder_has_is_refused_with_those_that_are_there()
    {
        var queue = Queue();
        var item = Put(queue, ("absent", "a"))[0];
        await AwaitAssertAsync(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(6));
                var error = (await Should.ThrowAsync<SearchClusterException>(() => item.Done.Task.WaitAsync(TimeSpan.FromMilliseconds(50)))).Error;
                error.Type.ShouldBe("resource_not_found_exception");
                error.Reason.ShouldContain("[absent]");
                error.Reason.ShouldContain("[m]");
            },
            Wait);
    }

    [Fact]
    public async Task A_model_that_a_worker_offers_is_waited_for_while_it_loads()
    {
        _directory.Current = FakeDirectory.Encoder();
        var (queue, worker) = (Queue(), CreateTestProbe());
        var items = Put(queue, ("m", "a"), ("m", "b"));
        Ask(queue, worker, 1, "m");
        var batch = worker.ExpectMsg<EncodeBatch>(Wait);
        _time.Advance(TimeSpan.FromSeconds(30));
        var refused = Put(queue, ("absent", "x"))[0];
        await AwaitConditionAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(6));
                return Task.FromResult(refused.Done.Task.IsFaulted);
            },
            Wait);
        items[1].Done.Task.IsCompleted.ShouldBeFalse();
        Answer(queue, worker, batch);
        (await items[0].Done.Task.WaitAsync(Wait)).Error.ShouldBeNull();
    }

    [Fact]
    public async Task Without_encoders_texts_wait_until_their_deadline_and_the_error_says_so()
    {
        _directory.Current = new ClusterView([]);
        var queue = Queue();
        var item = Put(queue, ("m", "a"))[0];
        _time.Advance(TimeSpan.FromHours(2));
        (await Should.ThrowAsync<SearchClusterException>(() => item.Done.Task.WaitAsync(Wait))).Error.Reason.ShouldContain("--roles encoder");
    }

    [Fact]
    public async Task A_text_whose_model_still_loads_at_its_deadline_is_told_so()
    {
        _directory.Current = FakeDirectory.Loading("m");
        var (queue, worker) = (Queue(), CreateTestProbe());
        var items = Put(queue, ("m", "a"), ("m", "b"));
        Ask(queue, worker, 1, "m");
        worker.ExpectMsg<EncodeBatch>(Wait).Texts.ShouldBe(["a"]);
        _time.Advance(TimeSpan.FromHours(2));
        foreach (var item in items)
        {
            var error = (await Should.ThrowAsync<SearchClusterException>(() => item.Done.Task.WaitAsync(Wait))).Error;
            error.Status.ShouldBe(504);
            error.Reason.ShouldContain("[m] is still being loaded");
        }
    }

    [Fact]
    public async Task A_full_queue_refuses_and_a_stopped_one_leaves_nobody_waiting()
    {
        var queue = Queue(new EncodeQueueOptions { MaxQueuedTokens = 10 });
        var kept = Put(queue, ("m", "a"))[0];
        var refused = Put(queue, ("m", new string('x', 100)))[0];
        (await Should.ThrowAsync<SearchClusterException>(() => refused.Done.Task.WaitAsync(Wait))).Error.Status.ShouldBe(429);
        kept.Done.Task.IsCompleted.ShouldBeFalse();
        Sys.Stop(queue);
        (await Should.ThrowAsync<SearchClusterException>(() => kept.Done.Task.WaitAsync(Wait))).Error.Status.ShouldBe(503);
    }

    private IActorRef Queue(EncodeQueueOptions? options = null) =>
        Sys.ActorOf(Props.Create(() => new EncodeQueueActor(options ?? new EncodeQueueOptions(), _directory, _time)));

    private ImmutableArray<EncodeItem> Put(IActorRef queue, params (string Model, string Text)[] texts)
    {
        ImmutableArray<EncodeItem> items =
            [.. texts.Select(t => new EncodeItem(t.Model, EncodingSettings.Default, t.Text, _time.GetUtcNow() + TimeSpan.FromHours(1), new TaskCompletionSource<EncodedDocument>(TaskCreationOptions.RunContinuationsAsynchronously)))];
        queue.Tell(items);
        return items;
    }

    private static void Ask(IActorRef queue, TestProbe worker, int tokens, params string[] models) =>
        queue.Tell(new RequestWork(Guid.Empty, tokens, [.. models]), worker);

    private static void Answer(IActorRef queue, TestProbe worker, EncodeBatch batch) => queue.Tell(
        new EncodeResult(batch.BatchId, Guid.Empty, [.. batch.Texts.Select(t => new EncodedDocument([new FeatureWeight(t, 1)], 1, false))]), worker);
}
