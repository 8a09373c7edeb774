using Akka.Actor;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Catalog;

/// <summary>Keeps a node's copy of the catalog: subscribes to the singleton, again and again because it may move.</summary>
internal sealed class CatalogReplicaActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public CatalogReplicaActor(IActorRef catalog, CatalogView view)
    {
        Receive<CatalogSnapshot>(view.Update);
        Receive<Tick>(_ => catalog.Tell(new SubscribeToCatalog(view.Current.Version)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("tick", Tick.Instance, TimeSpan.Zero, Interval);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
