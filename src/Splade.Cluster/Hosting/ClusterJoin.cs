using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Npgsql;
using Splade.Cluster.Membership;

namespace Splade.Cluster.Hosting;

/// <summary>
/// Makes a node a member. Over PostgreSQL, nodes that were seen lately count as seed nodes too: a node comes back into its cluster while the
/// seed nodes of its command line are down, and a founder that starts again joins what it founded. Akka's own first seed node founds a cluster
/// when nobody has answered for 5 s, which on a busy machine splits the cluster; here a node founds one only when nobody is there.
/// </summary>
internal sealed class ClusterJoin(ActorSystem system, ClusterNodeOptions options, MemberTable? members, TimeProvider time)
{
    /// <summary>A seed node that is no member yet may be about to start itself; who may found does not wait for it longer.</summary>
    private static readonly TimeSpan SeedsFirst = TimeSpan.FromSeconds(10);

    private const string Founding = "waits for another node that founds the cluster";

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(system);
    private readonly ILoggingAdapter _log = Logging.GetLogger(system, typeof(ClusterJoin));

    /// <exception cref="NodeStartException">Nobody is there to join, or who is there does not let the node in.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var named = ParseSeeds();
        Address[] seeds = [.. named.Where(a => a != _cluster.SelfAddress)];
        var mayFound = named.Length == 0 || named[0] == _cluster.SelfAddress;
        if (members is null)
        {
            await JoinAsync(seeds, mayFound, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            options.OnStarting("looks for its cluster in the database of --journal");
            await members.CreateAsync(cancellationToken).ConfigureAwait(false);

            // Whatever ran at this address before is gone: nobody should wait for its answer.
            await members.ForgetAsync(_cluster.SelfAddress.ToString(), cancellationToken).ConfigureAwait(false);
            await using var founding = mayFound ? await LockAsync(members, cancellationToken).ConfigureAwait(false) : null;
            await JoinAsync(seeds, mayFound, cancellationToken).ConfigureAwait(false);
            await members.SeenAsync(_cluster.SelfAddress.ToString(), cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw new NodeStartException($"The node could not look for its cluster in the database of --journal: {exception.Message}", exception);
        }
    }

    private async Task JoinAsync(Address[] seeds, bool mayFound, CancellationToken cancellationToken)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.RegisterOnMemberUp(() => up.TrySetResult());
        Address[] asked = [];
        var wait = new Waiting(time);
        while (true)
        {
            Address[] known = [.. await ReadMembersAsync(cancellationToken).ConfigureAwait(false)];
            Address[] contacts = [.. seeds.Union(known).Order()];
            var states = await Task.WhenAll(contacts.Select(c => PortProbe.AskAsync(c, time, cancellationToken))).ConfigureAwait(false);
            var founds = mayFound && MayFound(states, known, wait.Elapsed);
            if (founds)
            {
                _cluster.Join(_cluster.SelfAddress);
            }
            else if (Listening(contacts, states) is { Length: > 0 } listening && !listening.SequenceEqual(asked))
            {
                _cluster.JoinSeedNodes(listening);
                asked = listening;
            }

            var what = Describe(contacts, states, mayFound, founds);
            options.OnStarting(what);

            if (await Task.WhenAny(up.Task, system.WhenTerminated, Task.Delay(StartPatience.Look, time, cancellationToken)).ConfigureAwait(false) == up.Task)
            {
                return;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (system.WhenTerminated.IsCompleted)
            {
                throw new NodeStartException("The cluster removed this node while it joined: start it again.");
            }

            if (states.Contains(PortState.Open) || contacts.Length == 0)
            {
                wait.Heard();
            }

            GiveUpOrReport(wait, contacts, what);
        }
    }

    /// <summary>Members that were seen lately are waited for until nothing listens at their address or nobody has seen them for some time.</summary>
    private static bool MayFound(PortState[] states, Address[] known, TimeSpan elapsed) =>
        states.All(s => s == PortState.Refused) || (known.Length == 0 && elapsed > SeedsFirst);

    /// <summary>Akka does not ask an address again for 5 s where nothing listened, and warns each time.</summary>
    private static Address[] Listening(Address[] contacts, PortState[] states) => [.. contacts.Where((_, i) => states[i] == PortState.Open)];

    private void GiveUpOrReport(Waiting wait, Address[] contacts, string what)
    {
        var names = string.Join(", ", contacts.AsEnumerable());
        if (wait.Silence > StartPatience.Silence)
        {
            throw new NodeStartException($"The node could not join the cluster at {names} within a minute: no node runs there. Check --seed-nodes, and that a seed node runs.");
        }

        if (wait.Elapsed > StartPatience.Answering)
        {
            throw new NodeStartException(string.Create(
                CultureInfo.InvariantCulture,
                $"The node could not join the cluster{(contacts.Length == 0 ? "" : " at " + names)} within {StartPatience.Answering.TotalMinutes:F0} minutes, although nodes run there: their logs say why."));
        }

        if (wait.ShouldReport())
        {
            _log.Warning("The node {0} ({1:F0} s so far)", what, wait.Elapsed.TotalSeconds);
        }
    }

    /// <summary>What the node waits for, with each address that it asks and what it meets there.</summary>
    private static string Describe(Address[] contacts, PortState[] states, bool mayFound, bool founds)
    {
        var asked = string.Join(", ", contacts.Zip(states, (c, s) => $"{c} ({Describe(s)})"));
        return founds ? "waits to become a member of the cluster that it founds"
            : states.Contains(PortState.Open) ? $"waits to be let into the cluster by {asked}"
            : mayFound ? $"looks for its cluster at {asked} before it founds one"
            : $"waits for a node of its cluster to listen at {asked}: start one of them, or check --seed-nodes";
    }

    private static string Describe(PortState state) => state switch
    {
        PortState.Open => "is there",
        PortState.Refused => "nothing listens there",
        _ => "does not answer",
    };

    private async Task<IEnumerable<Address>> ReadMembersAsync(CancellationToken cancellationToken) => members is null
        ? []
        : (await members.ReadAsync(cancellationToken).ConfigureAwait(false)).Select(Address.Parse).Where(a => a != _cluster.SelfAddress);

    /// <summary>Held while a cluster is founded, so that two founders at once become one cluster.</summary>
    private async Task<IAsyncDisposable> LockAsync(MemberTable table, CancellationToken cancellationToken)
    {
        var wait = new Waiting(time);
        while (true)
        {
            if (await table.TryLockAsync(cancellationToken).ConfigureAwait(false) is { } held)
            {
                return held;
            }

            if (wait.Elapsed > StartPatience.Answering + StartPatience.Silence)
            {
                throw new NodeStartException("Another node has been founding the cluster for minutes (it holds an advisory lock in the database of --journal): look at that node.");
            }

            options.OnStarting(Founding);
            if (wait.ShouldReport())
            {
                _log.Warning("The node {0} ({1:F0} s so far)", Founding, wait.Elapsed.TotalSeconds);
            }

            await Task.Delay(StartPatience.Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private Address[] ParseSeeds()
    {
        try
        {
            var seeds = options.SeedNodes.Select(Address.Parse).ToArray();
            return seeds.All(s => s is { Host: not null, Port: not null })
                ? seeds
                : throw new UriFormatException("host and port are needed.");
        }
        catch (Exception exception) when (exception is UriFormatException or ArgumentException)
        {
            throw new NodeStartException($"A seed node is no Akka address such as akka.tcp://{ClusterNodeOptions.SystemName}@host:4053: {exception.Message}", exception);
        }
    }
}
