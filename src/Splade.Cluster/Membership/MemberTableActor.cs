using Akka.Actor;
using Akka.Cluster;

namespace Splade.Cluster.Membership;

/// <summary>Keeps this node's row of the member table fresh while it is a member.</summary>
internal sealed class MemberTableActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stopped = new();
    private bool _writing;

    public MemberTableActor(MemberTable table)
    {
        var cluster = Akka.Cluster.Cluster.Get(Context.System);
        Receive<Tick>(_ =>
        {
            if (!_writing && cluster.SelfMember.Status == MemberStatus.Up)
            {
                _writing = true;
                table.SeenAsync(cluster.SelfAddress.ToString(), _stopped.Token).PipeTo(Self, success: () => Written.Instance, failure: _ => Written.Instance);
            }
        });

        // A database that does not answer is told by the journal already.
        Receive<Written>(_ => _writing = false);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("tick", Tick.Instance, Interval);

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }

    private sealed class Written
    {
        public static readonly Written Instance = new();
    }
}
