using Akka.Actor;
using Akka.Remote;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol.Catalog;
using Splade.Tests;

namespace Splade.Cluster.Tests.Hosting;

/// <summary>What a node survives, and how it ends when it can't.</summary>
public sealed class NodeLifeTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_data_folder_belongs_to_one_node()
    {
        await using (await StartAsync())
        {
            (await Should.ThrowAsync<NodeStartException>(StartAsync)).Message.ShouldContain("in use by another node");
        }

        // And is free when that node has gone.
        await using var next = await StartAsync();
        next.IsReady.ShouldBeTrue();
    }

    [Fact]
    public async Task The_catalog_comes_back_after_its_journal_failed()
    {
        await using var node = await StartAsync();
        var catalog = await node.System.ActorSelection("/user/catalog/singleton/catalog").ResolveOne(Timeout);
        using var watcher = new Watcher(node.System, catalog);

        // A persistent actor stops when a write fails.
        catalog.Tell(PoisonPill.Instance);
        await watcher.Stopped.WaitAsync(Timeout);
        var create = new CreateIndex(Guid.NewGuid(), "after", 1, 0, null, Mapping.Empty);
        (await node.Cluster!.CreateIndexAsync(create, Timeout, default)).ShardsStarted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_that_the_others_removed_says_that_it_ended()
    {
        await using var node = await StartAsync();
        node.Terminated.IsCompleted.ShouldBeFalse();
        var cluster = Akka.Cluster.Cluster.Get(node.System);
        cluster.Down(cluster.SelfAddress);
        await node.Terminated.WaitAsync(Timeout);
        (node.IsReady, node.WasRemoved).ShouldBe((false, true));
    }

    [Fact]
    public async Task A_node_ends_when_a_member_takes_no_more_messages_of_it()
    {
        await using var node = await StartAsync();
        var self = Akka.Cluster.Cluster.Get(node.System).SelfAddress;
        var guard = await node.System.ActorSelection("/user/quarantine-guard").ResolveOne(Timeout);
        node.System.EventStream.Publish(new ThisActorSystemQuarantinedEvent(self, self.WithPort(1)));

        // The guard has had the event when it answers.
        await guard.Ask<ActorIdentity>(new Identify(1), Timeout);
        node.IsReady.ShouldBeTrue();
        node.System.EventStream.Publish(new ThisActorSystemQuarantinedEvent(self, self));
        await node.Terminated.WaitAsync(Timeout);
        node.WasRemoved.ShouldBeTrue();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(70_000)]
    public async Task A_port_out_of_range_is_named(int port) =>
        (await Should.ThrowAsync<NodeStartException>(() => ClusterNode.StartAsync(Options() with { Port = port }, TimeProvider.System, default)))
            .Message.ShouldContain("out of range");

    private ClusterNodeOptions Options() => new() { NodeName = "test", Port = 0, DataFolder = _folder.Path };

    private Task<ClusterNode> StartAsync() => ClusterNode.StartAsync(Options(), TimeProvider.System, default);

    /// <summary>Tells when an actor has stopped.</summary>
    private sealed class Watcher : IDisposable
    {
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IActorRef _actor;

        public Watcher(ActorSystem system, IActorRef watched)
        {
            var stopped = _stopped;
            _actor = system.ActorOf(Props.Create(() => new WatchingActor(watched, stopped)));
        }

        public Task Stopped => _stopped.Task;

        public void Dispose() => _actor.Tell(PoisonPill.Instance);
    }

    private sealed class WatchingActor : ReceiveActor
    {
        public WatchingActor(IActorRef watched, TaskCompletionSource stopped)
        {
            Context.Watch(watched);
            Receive<Terminated>(_ => stopped.TrySetResult());
        }
    }
}
