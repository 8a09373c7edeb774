using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Hosting;

namespace Splade.Cluster.Tests.Hosting;

/// <summary>A node without its journal or snapshots must not go on.</summary>
public sealed class JournalGuardTests : TestKit
{
    public JournalGuardTests()
        : base("""
            akka.loglevel = OFF
            akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
            akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
            """)
    {
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_journal_or_snapshot_store_that_stops_ends_the_node_with_a_reason(bool journal)
    {
        var end = new NodeEnd(Sys);
        var starting = end.AsStartFailure<int>();
        Sys.ActorOf(Props.Create(() => new JournalGuardActor(end.Because)));
        var persistence = Persistence.Instance.Apply(Sys);
        (journal ? persistence.JournalFor(null) : persistence.SnapshotStoreFor(null)).Tell(PoisonPill.Instance);
        var error = await Should.ThrowAsync<NodeStartException>(() => starting.WaitAsync(TimeSpan.FromSeconds(30)));
        error.Message.ShouldStartWith(journal ? "The journal stopped" : "The snapshot store stopped");
        end.Reason.ShouldBe(error.Message);
        await Sys.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(60));
    }
}
