using Akka.Actor;

namespace Splade.Cluster.Tests;

/// <summary>Stands where an actor is looked for by its name, and passes everything on.</summary>
internal sealed class Forwarder : ReceiveActor
{
    public Forwarder(IActorRef target) => ReceiveAny(target.Forward);
}
