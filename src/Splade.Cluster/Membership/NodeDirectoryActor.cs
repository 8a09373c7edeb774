using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Cluster.Membership;

/// <summary>On coordinators: gathers what nodes report, and which of them the cluster can reach.</summary>
internal sealed class NodeDirectoryActor : ReceiveActor
{
    public const string Name = "node-directory";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly Dictionary<Address, NodeReport> _reports = [];
    private readonly HashSet<Address> _unreachable = [];
    private readonly NodeDirectory _directory;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private HashSet<string> _toldConflicts = [];

    public NodeDirectoryActor(NodeDirectory directory)
    {
        _directory = directory;
        Receive<NodeReport>(report =>
        {
            // What is no member, such as a node of a cluster that this one has left, must not be sent work.
            var address = Address.Parse(report.Node.Address);
            if (_cluster.State.Members.All(m => m.Address != address))
            {
                return;
            }

            if (!_reports.TryGetValue(address, out var known) || report.Number > known.Number || report.Node.StartedAt > known.Node.StartedAt)
            {
                _reports[address] = report;
                Publish();
            }
        });
        Receive<ClusterEvent.MemberRemoved>(e =>
        {
            _reports.Remove(e.Member.Address);
            _unreachable.Remove(e.Member.Address);
            Publish();
        });
        Receive<ClusterEvent.UnreachableMember>(e =>
        {
            _unreachable.Add(e.Member.Address);
            Publish();
        });
        Receive<ClusterEvent.ReachableMember>(e =>
        {
            _unreachable.Remove(e.Member.Address);
            Publish();
        });
    }

    protected override void PreStart() => _cluster.Subscribe(
        Self,
        ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
        typeof(ClusterEvent.MemberRemoved),
        typeof(ClusterEvent.ReachabilityEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Publish()
    {
        var oldest = _cluster.State.Members.Where(m => m.HasRole(NodeRoles.Coordinator) && m.Status == MemberStatus.Up)
            .OrderBy(m => m, Member.AgeOrdering).FirstOrDefault()?.Address;
        _directory.Update(
        [
            .. _reports.OrderBy(r => r.Value.Node.Name, StringComparer.Ordinal)
                .Select(r => new NodeView(r.Value, !_unreachable.Contains(r.Key), r.Key == oldest)),
        ]);
        TellConflicts();
    }

    /// <summary>Before a write or a query meets one.</summary>
    private void TellConflicts()
    {
        var conflicts = _directory.Current.ModelConflicts.Select(c => c.ToString()).ToHashSet();
        foreach (var conflict in conflicts.Except(_toldConflicts))
        {
            _log.Warning("{0}", conflict);
        }

        _toldConflicts = conflicts;
    }
}
