using Akka.Actor;
using Splade.Cluster.Membership;

namespace Splade.Cluster.Hosting;

/// <summary>
/// Makes a node a member. Over PostgreSQL, nodes that were seen lately count as seed nodes too: a node comes back into its cluster while the
/// seed nodes of its command line are down, and a founder that starts again joins what it founded.
/// </summary>
internal sealed class ClusterJoin(ActorSystem system, ClusterNodeOptions options, MemberTable? members)
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(system);

    /// <exception cref="NodeStartException">No seed node answers.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var seeds = ParseSeeds();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            if (members is null)
            {
                await JoinAsync(seeds, [], timeout.Token).ConfigureAwait(false);
                return;
            }

            await members.CreateAsync(timeout.Token).ConfigureAwait(false);
            if (seeds.Length > 0)
            {
                await JoinKnownAsync(members, seeds, timeout.Token).ConfigureAwait(false);
                return;
            }

            await using var founding = await members.LockAsync(timeout.Token).ConfigureAwait(false);
            await JoinKnownAsync(members, seeds, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NodeStartException(
                seeds.Length == 0
                    ? $"The node could not found or join a cluster within a minute: {exception.Message}"
                    : $"The node could not join the cluster at {string.Join(", ", options.SeedNodes)} within a minute: check that a seed node runs there.",
                exception);
        }
    }

    private async Task JoinKnownAsync(MemberTable members, Address[] seeds, CancellationToken cancellationToken)
    {
        var known = (await members.ReadAsync(cancellationToken).ConfigureAwait(false)).Select(Address.Parse).Where(a => a != _cluster.SelfAddress).ToArray();
        await JoinAsync(seeds, known, cancellationToken).ConfigureAwait(false);
        await members.SeenAsync(_cluster.SelfAddress.ToString(), cancellationToken).ConfigureAwait(false);
    }

    private Task JoinAsync(Address[] seeds, Address[] known, CancellationToken cancellationToken) => (seeds, known) switch
    {
        ([], []) => _cluster.JoinAsync(_cluster.SelfAddress, cancellationToken),

        // The first seed node asks the others, and founds a cluster when none answers.
        ([], _) => _cluster.JoinSeedNodesAsync([_cluster.SelfAddress, .. known], cancellationToken),
        _ => _cluster.JoinSeedNodesAsync(seeds.Union(known), cancellationToken),
    };

    private Address[] ParseSeeds()
    {
        try
        {
            return [.. options.SeedNodes.Select(Address.Parse)];
        }
        catch (Exception exception) when (exception is UriFormatException or ArgumentException)
        {
            throw new NodeStartException($"A seed node is no Akka address such as akka.tcp://{ClusterNodeOptions.SystemName}@host:4053: {exception.Message}", exception);
        }
    }
}
