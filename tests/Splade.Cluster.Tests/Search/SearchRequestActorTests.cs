using Akka.Actor;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Search;
using Splade.Cluster.Search.Leaf;
using Splade.Index;
using Splade.Tests;

namespace Splade.Cluster.Tests.Search;

public sealed class SearchRequestActorTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private static readonly ShardId A = new("i", "u", ShardId.AllLanguages, 0);
    private static readonly ShardId B = new("i", "u", ShardId.AllLanguages, 1);
    private readonly ManualTime _time = new();
    private readonly FakeDirectory _directory = new();
    private readonly Address _node;

    public SearchRequestActorTests()
    {
        var target = TestActor;
        Sys.ActorOf(Props.Create(() => new Forwarder(target)), LeafSearchActor.Name);
        _node = ((ExtendedActorSystem)Sys).Provider.DefaultAddress;
    }

    [Fact]
    public async Task One_leaf_search_a_node_and_the_final_page_in_order_with_its_documents()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search(from: 1, size: 2);
        var leaf = ExpectMsg<LeafSearch>(Wait);
        leaf.Shards.ShouldBe([A, B], ignoreOrder: true);
        leaf.K.ShouldBe(3);
        Answer(leaf, 5, ("top", 3f, A), ("z", 2f, A), ("a", 2f, B), ("low", 1f, B));
        foreach (var fetch in new[] { ExpectMsg<FetchHits>(Wait), ExpectMsg<FetchHits>(Wait) })
        {
            fetch.RequestId.ShouldBe(leaf.RequestId);
            Give(fetch);
        }

        var found = await outcome.WaitAsync(Wait);
        found.Hits.Select(h => h.Id).ShouldBe(["a", "z"]);
        found.Hits.ShouldAllBe(h => h.Document!.Id == h.Id);
        (found.Total, found.MaxScore, found.ShardsTotal, found.ShardsSuccessful, found.TimedOut).ShouldBe((5, 3f, 2, 2, false));
    }

    [Fact]
    public async Task At_the_deadline_the_answer_is_what_has_arrived_and_says_so()
    {
        _directory.Leaders[A] = _node;
        _directory.Leaders[B] = new Address("akka", Sys.Name);
        var outcome = Search(placement: TimeSpan.FromHours(2));
        var leaf = ExpectMsg<LeafSearch>(Wait);
        leaf.Shards.Length.ShouldBe(2);
        _time.Advance(TimeSpan.FromHours(1));
        var found = await outcome.WaitAsync(Wait);
        (found.TimedOut, found.ShardsTotal, found.ShardsSuccessful).ShouldBe((true, 2, 0));
        found.Failures.ShouldAllBe(f => f.Error.Type == "timeout_exception");
    }

    [Fact]
    public async Task A_shard_without_leader_is_waited_for_then_counted_as_failed()
    {
        _directory.Leaders[A] = _node;
        var outcome = Search(size: 0, placement: TimeSpan.FromMinutes(1));
        Answer(ExpectMsg<LeafSearch>(Wait), 4);
        outcome.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(2));
        var found = await outcome.WaitAsync(Wait);
        (found.Total, found.ShardsSuccessful, found.TimedOut).ShouldBe((4, 1, false));
        found.Failures.ShouldHaveSingleItem().ShouldBe((B, found.Failures[0].Error));
        found.Failures[0].Error.Status.ShouldBe(503);
    }

    [Fact]
    public async Task A_shard_that_can_not_be_opened_fails_at_once_with_the_reason_and_the_others_answer()
    {
        _directory.Leaders[A] = _node;
        _directory.Problems[B] = "file x, section y: damaged";
        var outcome = Search(size: 0);
        Answer(ExpectMsg<LeafSearch>(Wait), 4);

        // The clock stands still.
        var found = await outcome.WaitAsync(Wait);
        (found.Total, found.ShardsSuccessful, found.TimedOut).ShouldBe((4, 1, false));
        var (shard, error) = found.Failures.ShouldHaveSingleItem();
        (shard, error.Status).ShouldBe((B, 503));
        error.Reason.ShouldContain("can't be opened: file x, section y: damaged");
    }

    [Fact]
    public async Task A_shard_that_has_moved_is_asked_again_and_only_that_one()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search(size: 0);
        var leaf = ExpectMsg<LeafSearch>(Wait);
        LastSender.Tell(
            new LeafSearchResult(leaf.RequestId, [], 2, [A], [new ShardFailure(B, new ErrorInfo("no_shard_available_action_exception", "moved", 503))]), TestActor);
        var again = ExpectMsg<LeafSearch>(Wait);
        again.Shards.ShouldBe([B]);
        Answer(again, 3);
        var found = await outcome.WaitAsync(Wait);
        (found.Total, found.ShardsSuccessful).ShouldBe((5, 2));
    }

    [Fact]
    public async Task A_failed_shard_makes_the_answer_partial()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search(size: 0);
        var leaf = ExpectMsg<LeafSearch>(Wait);
        LastSender.Tell(new LeafSearchResult(leaf.RequestId, [], 2, [A], [new ShardFailure(B, new ErrorInfo("io_exception", "disk", 500))]), TestActor);
        var found = await outcome.WaitAsync(Wait);
        (found.Total, found.ShardsSuccessful).ShouldBe((2, 1));
        found.Failures.ShouldHaveSingleItem().Error.Type.ShouldBe("io_exception");
    }

    [Fact]
    public async Task A_shard_whose_node_was_too_late_has_timed_out()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search(size: 0);
        var leaf = ExpectMsg<LeafSearch>(Wait);
        LastSender.Tell(new LeafSearchResult(leaf.RequestId, [], 2, [A], [new ShardFailure(B, new ErrorInfo("timeout_exception", "late", 504))]), TestActor);
        (await outcome.WaitAsync(Wait)).TimedOut.ShouldBeTrue();
    }

    [Fact]
    public async Task Documents_of_a_shard_that_moved_between_search_and_fetch_are_asked_for_again()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search();
        Answer(ExpectMsg<LeafSearch>(Wait), 1, ("x", 1f, B));
        var fetch = ExpectMsg<FetchHits>(Wait);
        LastSender.Tell(
            new FetchResult(fetch.RequestId, fetch.Shard, 0, [], true, new ErrorInfo("no_shard_available_action_exception", "moved", 503)), TestActor);
        Give(ExpectMsg<FetchHits>(Wait));
        (await outcome.WaitAsync(Wait)).Hits.ShouldHaveSingleItem().Document!.Id.ShouldBe("x");
    }

    [Fact]
    public async Task What_a_leaf_does_not_answer_is_asked_once_more_under_the_same_id()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search();
        var lost = ExpectMsg<LeafSearch>(Wait);
        _time.Advance(TimeSpan.FromSeconds(4));
        var again = ExpectMsg<LeafSearch>(Wait);
        (again.RequestId, again.Shards.Length).ShouldBe((lost.RequestId, 2));
        Answer(again, 1, ("x", 1f, B));
        ExpectMsg<FetchHits>(Wait);
        _time.Advance(TimeSpan.FromSeconds(4));
        Give(ExpectMsg<FetchHits>(Wait));
        var found = await outcome.WaitAsync(Wait);
        found.Hits.ShouldHaveSingleItem().Document!.Id.ShouldBe("x");
        (found.Total, found.ShardsSuccessful, found.TimedOut).ShouldBe((1, 2, false));
    }

    [Fact]
    public async Task What_is_lost_twice_is_a_failed_shard_at_the_deadline()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search(size: 0);
        ExpectMsg<LeafSearch>(Wait);
        _time.Advance(TimeSpan.FromSeconds(4));
        ExpectMsg<LeafSearch>(Wait);
        _time.Advance(TimeSpan.FromSeconds(4));
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        _time.Advance(TimeSpan.FromHours(1));
        var found = await outcome.WaitAsync(Wait);
        (found.TimedOut, found.ShardsSuccessful).ShouldBe((true, 0));
        found.Failures.ShouldAllBe(f => f.Error.Type == "timeout_exception");
    }

    [Fact]
    public async Task A_search_that_fetches_nothing_releases_the_leafs_view()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search(fetch: false);
        var leaf = ExpectMsg<LeafSearch>(Wait);
        Answer(leaf, 1, ("x", 1f, A));
        (await outcome.WaitAsync(Wait)).Hits.ShouldHaveSingleItem().Document.ShouldBeNull();
        ExpectMsg<ReleaseView>(Wait).RequestId.ShouldBe(leaf.RequestId);
    }

    [Fact]
    public async Task A_shard_whose_hits_are_not_on_the_page_is_released()
    {
        _directory.Leaders[A] = _directory.Leaders[B] = _node;
        var outcome = Search(size: 1);
        var leaf = ExpectMsg<LeafSearch>(Wait);
        Answer(leaf, 2, ("x", 2f, A), ("y", 1f, B));
        Give(ExpectMsg<FetchHits>(Wait));
        await outcome.WaitAsync(Wait);
        ExpectMsg<ReleaseView>(Wait).RequestId.ShouldBe(leaf.RequestId);
    }

    [Fact]
    public async Task How_thoroughly_to_search_reaches_the_leaves_and_what_they_did_comes_back()
    {
        _directory.Leaders[A] = _node;
        _directory.Leaders[B] = _node;
        var mode = new SearchMode(0.5, 7, 100, true);
        var outcome = Search(size: 0, mode: mode);
        var leaf = ExpectMsg<LeafSearch>(Wait);
        leaf.Mode.ShouldBe(mode);
        var profile = new ShardProfile(leaf.Shards.IndexOf(B), "SparseVectorQuery", "f:x^1", 5, 1, 0, 10, 2, 9, 32, SearchEnd.Bounds);
        LastSender.Tell(new LeafSearchResult(leaf.RequestId, [], 100, leaf.Shards, [], new LeafWork(true, true, true, [profile])), TestActor);
        var found = await outcome.WaitAsync(Wait);
        (found.TotalIsLowerBound, found.TimedOut, found.TerminatedEarly, found.ShardsSuccessful).ShouldBe((true, true, true, 2));
        found.Profiles.ShouldBe([(B, _node.ToString(), profile)]);
    }

    private Task<SearchOutcome> Search(int from = 0, int size = 10, TimeSpan? placement = null, SearchMode? mode = null, bool fetch = true)
    {
        var done = new TaskCompletionSource<SearchOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var now = _time.GetUtcNow();
        var plan = new SearchPlan(
            [([A, B], new MatchAllQuery())], from, size, now + TimeSpan.FromMinutes(30), now + (placement ?? TimeSpan.FromMinutes(1)), fetch, Explain: false)
        {
            Mode = mode ?? SearchMode.Exact,
        };
        Sys.ActorOf(Props.Create(() => new SearchRequestActor(plan, _directory, _time, done)));
        return done.Task;
    }

    private void Answer(LeafSearch leaf, long total, params (string Id, float Score, ShardId Shard)[] hits) => LastSender.Tell(
        new LeafSearchResult(leaf.RequestId, [.. hits.Select(h => new LeafHit(h.Id, h.Score, leaf.Shards.IndexOf(h.Shard)))], total, leaf.Shards, []), TestActor);

    private void Give(FetchHits fetch) => LastSender.Tell(
        new FetchResult(fetch.RequestId, fetch.Shard, 0, [.. fetch.Ids.Select(id => new FetchedDocument(id, new StoredDocument(id, 1, 1, "{}"u8.ToArray()), null))], true), TestActor);
}
