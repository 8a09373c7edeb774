using Akka.Actor;
using Splade.Cluster.Catalog;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Sharding;

/// <summary>
/// On coordinators: starts the shards that the catalog knows, again and again, and drops those of deleted indices until they are gone. Stands in
/// for Akka's remember-entities, which needs a journal write for each start.
/// </summary>
internal sealed class ShardKeepAliveActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private readonly Dictionary<ShardId, Guid> _drops = [];
    private long _seenVersion = -1;
    private int _ticks;

    public ShardKeepAliveActor(IActorRef region, IActorRef catalog, ICatalogView view)
    {
        Receive<Tick>(_ =>
        {
            // A region that hands its shards over would keep these messages and wait for shards that never start.
            if (CoordinatedShutdown.Get(Context.System).ShutdownReason is not null)
            {
                return;
            }

            // Every tick looks for changes, only some repeat the pings.
            var current = view.Current;
            if (current.Version == _seenVersion && ++_ticks % 30 != 0)
            {
                return;
            }

            _seenVersion = current.Version;
            foreach (var shard in current.Indices.SelectMany(i => i.Shards))
            {
                region.Tell(new StartShard(shard, Guid.Empty));
            }

            // Under one id however often it is asked for: a slow drop may be done only after the next request.
            foreach (var shard in _drops.Keys.Except(current.Dropped).ToArray())
            {
                _drops.Remove(shard);
            }

            foreach (var shard in current.Dropped)
            {
                if (!_drops.TryGetValue(shard, out var id))
                {
                    _drops.Add(shard, id = Guid.NewGuid());
                }

                region.Tell(new DropShard(shard, id));
            }
        });
        Receive<ShardDone>(done =>
        {
            if (done.Error is null && _drops.TryGetValue(done.Shard, out var id) && id == done.RequestId)
            {
                catalog.Tell(new ShardDropped(done.Shard));
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("tick", Tick.Instance, TimeSpan.Zero, Interval / 30);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
