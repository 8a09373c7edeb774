using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Splade.Cluster.Membership;

/// <summary>
/// Akka's failure detector by the time in which this process ran. By a clock that goes on, a process that wakes up after more than the acceptable
/// pause takes every other member for dead; when it is stopped again before their heartbeats are in, the split-brain resolver wakes with its
/// waiting time over, and removes members that were never away. Named in base.conf.
/// </summary>
internal sealed class RunningTimeFailureDetector : FailureDetector
{
    /// <summary>Members are looked at each second.</summary>
    private static readonly RunningClock Process = new(TimeProvider.System, TimeSpan.FromSeconds(2));

    private readonly PhiAccrualFailureDetector _detector;

    /// <param name="config">The section <c>akka.cluster.failure-detector</c>.</param>
    /// <param name="events">Part of what Akka asks of a failure detector; not used.</param>
    public RunningTimeFailureDetector(Config config, EventStream events)
        : this(config, Process) => _ = events;

    internal RunningTimeFailureDetector(Config config, RunningClock clock) => _detector = new PhiAccrualFailureDetector(
        config.GetDouble("threshold", 0),
        config.GetInt("max-sample-size", 0),
        config.GetTimeSpan("min-std-deviation"),
        config.GetTimeSpan("acceptable-heartbeat-pause"),
        config.GetTimeSpan("heartbeat-interval"),
        () => (long)clock.Elapsed.TotalMilliseconds);

    public override bool IsAvailable => _detector.IsAvailable;

    public override bool IsMonitoring => _detector.IsMonitoring;

    public override void HeartBeat() => _detector.HeartBeat();
}
