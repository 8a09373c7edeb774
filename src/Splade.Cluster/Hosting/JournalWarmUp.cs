using Akka.Actor;
using Akka.Persistence;
using Splade.Cluster.Catalog;

namespace Splade.Cluster.Hosting;

/// <summary>
/// The first recovery of a process compiles the journal's queries: 2.5 s of the processor (20 s on a busy machine), in which nobody would lead
/// the first shards that move to the node. So a node reads the catalog's events, which every journal has, before it takes shards.
/// </summary>
internal static class JournalWarmUp
{
    /// <summary>Completes whether or not the journal answers: what needs it reports that itself.</summary>
    public static Task RunAsync(ActorSystem system, CancellationToken cancellationToken) =>
        system.ActorOf(Props.Create(() => new ReaderActor()), "journal-warm-up").WatchAsync(cancellationToken);

    private sealed class ReaderActor : ReceivePersistentActor
    {
        public ReaderActor()
        {
            Recover<RecoveryCompleted>(_ => Context.Stop(Self));
            RecoverAny(_ => { });
        }

        public override string PersistenceId => CatalogActor.Id;
    }
}
