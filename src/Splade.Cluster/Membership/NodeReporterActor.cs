using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Splade.Cluster.Encoding;
using Splade.Cluster.Protocol.Nodes;
using Splade.Cluster.Sharding;

namespace Splade.Cluster.Membership;

/// <summary>On every node: tells every coordinator each second and on change what this node has.</summary>
internal sealed class NodeReporterActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly NodeInfo _node;
    private readonly ShardRegistry _shards;
    private readonly Func<OfferedModels> _models;
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private long _number;
    private TimeSpan _processorTime;
    private long _processorTimestamp;
    private int _cpuPercent;

    public NodeReporterActor(NodeInfo node, ShardRegistry shards, Func<OfferedModels> models, TimeProvider time)
    {
        _node = node;
        _shards = shards;
        _models = models;
        _time = time;
        var self = Self;
        _changed = () => self.Tell(ReportNow.Instance);
        Receive<ReportNow>(_ => Report());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _shards.Changed += _changed;
        Timers.StartPeriodicTimer("report", ReportNow.Instance, TimeSpan.FromMilliseconds(50), Interval);
    }

    protected override void PostStop() => _shards.Changed -= _changed;

    private void Report()
    {
        // By the clock, so that what this actor says after a restart is newer than what it said before.
        _number = Math.Max(_number + 1, _time.GetUtcNow().UtcTicks);
        using var process = Process.GetCurrentProcess();
        MeasureProcessor(process);
        var models = _models();
        var report = new NodeReport(
            _node, _number, _shards.Statuses, models.Ready, GC.GetTotalMemory(false), process.WorkingSet64, _cpuPercent)
        {
            ResidentFileBytes = ResidentFiles(),
            LoadingModels = models.Loading,
        };
        foreach (var member in _cluster.State.Members.Where(m => m.HasRole(NodeRoles.Coordinator)))
        {
            Context.ActorSelection(new RootActorPath(member.Address) / "user" / NodeDirectoryActor.Name).Tell(report);
        }
    }

    /// <summary>What Linux tells as <c>RssFile:  4 kB</c>; 0 on other systems.</summary>
    private static long ResidentFiles()
    {
        const string status = "/proc/self/status";
        const string key = "RssFile:";
        var line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line.AsSpan(key.Length).TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes * 1024 : 0;
    }

    private void MeasureProcessor(Process process)
    {
        var now = _time.GetTimestamp();
        var elapsed = _time.GetElapsedTime(_processorTimestamp, now);
        if (elapsed < Interval / 2)
        {
            return;
        }

        var used = process.TotalProcessorTime;
        _cpuPercent = _processorTimestamp == 0 ? 0 : (int)Math.Clamp((used - _processorTime) / elapsed / Environment.ProcessorCount * 100, 0, 100);
        (_processorTime, _processorTimestamp) = (used, now);
    }

    private sealed class ReportNow
    {
        public static readonly ReportNow Instance = new();
    }
}
