using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace Splade.Cluster.Hosting;

/// <summary>
/// Ends a node that another member has quarantined: the cluster removed it while it stood still, and takes no more messages of it. By itself it would
/// notice when its failure detector does, and answer from what it knew until then.
/// </summary>
internal sealed class QuarantineGuardActor : ReceiveActor
{
    public QuarantineGuardActor()
    {
        var cluster = Akka.Cluster.Cluster.Get(Context.System);
        var log = Context.GetLogger();
        Receive<ThisActorSystemQuarantinedEvent>(e =>
        {
            // What is no member is no cluster's word.
            if (cluster.State.Members.Any(m => m.Address == e.RemoteAddress))
            {
                log.Warning("The member {0} takes no more messages of this node: the cluster has removed it", e.RemoteAddress);
                cluster.Down(cluster.SelfAddress);
            }
        });
    }

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
