using Akka.Actor;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Nodes;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Search.Leaf;
using Splade.Cluster.Sharding;
using Splade.Index;
using Splade.Tests;

namespace Splade.Cluster.Tests.Search;

/// <summary>What a leaf keeps of a search, seen by whether the readers are closed.</summary>
public sealed class LeafSearchActorTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private static readonly ShardId Full = new("i", "u", ShardId.AllLanguages, 0);
    private static readonly ShardId Empty = new("i", "u", ShardId.AllLanguages, 1);
    private static readonly ShardId Absent = new("i", "u", ShardId.AllLanguages, 2);
    private readonly ManualTime _time = new();
    private readonly ShardRegistry _registry = new();
    private readonly IndexWriter _full = IndexWriter.Open([]);
    private readonly IndexWriter _empty = IndexWriter.Open([]);
    private readonly IActorRef _leaf;

    public LeafSearchActorTests()
    {
        _leaf = Sys.ActorOf(Props.Create(() => new LeafSearchActor(_registry, new LeafSearchOptions(), _time)));
        _full.Index(Document("1"));
    }

    [Fact]
    public void The_view_of_a_search_is_kept_for_its_fetch_and_goes_with_it()
    {
        var reader = Publish(Full, _full);
        var search = Search(10, Full);
        _full.Delete("1");
        _full.Index(Document("2"));
        Publish(Full, _full);
        IsOpen(reader).ShouldBeTrue();
        _leaf.Tell(new FetchHits(search, Full, ["1"], null, Deadline), TestActor);
        ExpectMsg<FetchResult>(Wait).Documents.ShouldHaveSingleItem().Document.ShouldNotBeNull();
        AwaitCondition(() => !IsOpen(reader), Wait);
    }

    [Fact]
    public void A_search_that_is_asked_for_again_keeps_one_view()
    {
        var reader = Publish(Full, _full);
        var search = new LeafSearch(Guid.NewGuid(), [Full], new MatchAllQuery(), 10, Deadline);
        _leaf.Tell(search, TestActor);
        ExpectMsg<LeafSearchResult>(Wait).Total.ShouldBe(1);
        _leaf.Tell(search, TestActor);
        ExpectMsg<LeafSearchResult>(Wait).Total.ShouldBe(1);
        Replace();
        IsOpen(reader).ShouldBeTrue();
        _leaf.Tell(new ReleaseView(search.RequestId), TestActor);
        Synchronize();
        IsOpen(reader).ShouldBeFalse();
    }

    [Fact]
    public void A_released_view_goes_at_once()
    {
        var reader = Publish(Full, _full);
        var search = Search(10, Full);
        Replace();
        IsOpen(reader).ShouldBeTrue();
        _leaf.Tell(new ReleaseView(search), TestActor);
        Synchronize();
        IsOpen(reader).ShouldBeFalse();
    }

    [Fact]
    public void A_count_keeps_no_view()
    {
        var reader = Publish(Full, _full);
        Search(0, Full);
        Replace();
        Synchronize();
        IsOpen(reader).ShouldBeFalse();
    }

    [Fact]
    public void A_shard_without_hits_keeps_no_view()
    {
        var (full, empty) = (Publish(Full, _full), Publish(Empty, _empty));
        Search(10, Full, Empty);
        Replace();
        _empty.Dispose();
        _registry.Remove(Empty);
        Synchronize();
        (IsOpen(full), IsOpen(empty)).ShouldBe((true, false));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _full.Dispose();
        _empty.Dispose();
    }

    private DateTimeOffset Deadline => _time.GetUtcNow() + TimeSpan.FromHours(1);

    private static IndexDocument Document(string id) => new(id, 1, 0, "{}"u8.ToArray(), []);

    private static bool IsOpen(IndexReader reader)
    {
        if (!reader.TryAcquire())
        {
            return false;
        }

        reader.Dispose();
        return true;
    }

    private Guid Search(int k, params ShardId[] shards)
    {
        var id = Guid.NewGuid();
        _leaf.Tell(new LeafSearch(id, [.. shards], new MatchAllQuery(), k, Deadline), TestActor);
        ExpectMsg<LeafSearchResult>(Wait).Total.ShouldBe(1);
        return id;
    }

    private IndexReader Publish(ShardId shard, IndexWriter writer)
    {
        var reader = writer.Refresh();
        _registry.Publish(new ShardStatus(shard, ShardState.Started, 0, 0, 0, 0, 0), reader);
        return reader;
    }

    /// <summary>The registry and the writer go on: only a search can keep the reader of before.</summary>
    private void Replace()
    {
        _full.Index(Document("2"));
        Publish(Full, _full);
    }

    /// <summary>Everything that was sent before has been done.</summary>
    private void Synchronize()
    {
        _leaf.Tell(new FetchHits(Guid.NewGuid(), Absent, ["x"], null, Deadline), TestActor);
        ExpectMsg<FetchResult>(Wait).Error.ShouldNotBeNull();
    }
}
