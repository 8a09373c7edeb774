using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Splade.Cluster.Catalog;
using Splade.Cluster.Membership;

namespace Splade.Cluster.Hosting;

/// <summary>Waits until a node that has just joined knows the catalog.</summary>
internal static class CatalogArrival
{
    /// <exception cref="NodeStartException">There is no coordinator, or those that are there have no catalog.</exception>
    public static async Task WaitAsync(
        ActorSystem system, CatalogView catalog, Action<string> onStarting, TimeProvider time, CancellationToken cancellationToken)
    {
        var log = Logging.GetLogger(system, typeof(CatalogArrival));
        var cluster = Akka.Cluster.Cluster.Get(system);
        var arrived = catalog.WaitForVersionAsync(0, cancellationToken);
        var wait = new Waiting(time);
        onStarting("waits for the catalog");
        while (await Task.WhenAny(arrived, system.WhenTerminated, Task.Delay(StartPatience.Look, time, cancellationToken)).ConfigureAwait(false) != arrived)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (system.WhenTerminated.IsCompleted)
            {
                throw new NodeStartException("The cluster removed this node while it started: start it again.");
            }

            var coordinators = cluster.State.Members
                .Where(m => m.Status == MemberStatus.Up && m.HasRole(NodeRoles.Coordinator)).Select(m => m.Address.ToString()).ToArray();
            if (coordinators.Length > 0)
            {
                wait.Heard();
            }

            if (wait.Silence > StartPatience.Silence)
            {
                throw new NodeStartException("The cluster has had no coordinator for a minute: start one, and check --seed-nodes and the journal.");
            }

            if (wait.Elapsed > StartPatience.Answering)
            {
                throw new NodeStartException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"No coordinator sent the catalog within {StartPatience.Answering.TotalMinutes:F0} minutes: the logs of {string.Join(", ", coordinators)} say why."));
            }

            var what = coordinators.Length == 0
                ? "waits for a node with the role coordinator to join the cluster: start one"
                : $"waits for the catalog from {string.Join(", ", coordinators)}";
            onStarting(what);
            if (wait.ShouldReport())
            {
                log.Warning("The node {0} ({1:F0} s so far)", what, wait.Elapsed.TotalSeconds);
            }
        }

        await arrived.ConfigureAwait(false);
    }
}
