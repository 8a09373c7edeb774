using Akka.Actor;
using Akka.Persistence;

namespace Splade.Cluster.Hosting;

/// <summary>
/// Ends a node whose journal or snapshot store has stopped. Akka.Persistence.Sql stops them when their tables can't be checked, once and for all:
/// the node would go on as a member that answers nothing.
/// </summary>
internal sealed class JournalGuardActor : ReceiveActor
{
    public JournalGuardActor(Action<string> stopped)
    {
        var persistence = Persistence.Instance.Apply(Context.System);
        var journal = Context.Watch(persistence.JournalFor(null));
        Context.Watch(persistence.SnapshotStoreFor(null));
        Receive<Terminated>(t => stopped(
            $"The {(t.ActorRef.Equals(journal) ? "journal" : "snapshot store")} stopped, because its database did not answer when it was opened (the log has the cause): check --journal and the database, and start the node again."));
    }
}
