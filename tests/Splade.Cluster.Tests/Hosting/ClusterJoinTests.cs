using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Cluster;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Hosting;
using Splade.Tests;

namespace Splade.Cluster.Tests.Hosting;

/// <summary>How long a node waits for its cluster, and what it says when it gives up. By the clock of the test.</summary>
public sealed class ClusterJoinTests : TestKit
{
    private const string Configuration = """
        akka.loglevel = OFF
        akka.actor.provider = cluster
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        """;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<string> _told = [];

    public ClusterJoinTests()
        : base(Configuration)
    {
    }

    [Fact]
    public async Task Without_seed_nodes_a_node_founds_a_cluster()
    {
        await Join().WaitAsync(Wait);
        _told.ShouldAllBe(t => t == "waits to become a member of the cluster that it founds");
        _told.ShouldNotBeEmpty();
        await IsUpAsync();
    }

    [Fact]
    public async Task A_first_seed_node_that_nobody_answers_founds_a_cluster()
    {
        await Join(Akka.Cluster.Cluster.Get(Sys).SelfAddress.ToString(), Seed(FreePort())).WaitAsync(Wait);
        await IsUpAsync();
    }

    [Fact]
    public async Task Where_nobody_listens_a_node_gives_up_after_a_minute()
    {
        var seed = Seed(FreePort());
        var joining = Join(seed);
        await Pass(TimeSpan.FromSeconds(50));
        joining.IsCompleted.ShouldBeFalse();
        _told.ShouldContain($"waits for a node of its cluster to listen at {seed} (nothing listens there): start one of them, or check --seed-nodes");
        await PassUntil(joining);
        var error = await Should.ThrowAsync<NodeStartException>(() => joining);
        error.Message.ShouldContain(seed);
        error.Message.ShouldContain("no node runs there");
    }

    /// <summary>As on a machine that is too busy to answer: the operating system accepts the connection, and nobody reads from it.</summary>
    [Fact]
    public async Task Where_a_process_listens_a_node_waits_for_minutes()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var (seed, other) = (Seed(((IPEndPoint)silent.LocalEndpoint).Port), Seed(FreePort()));
        var joining = Join(seed, other);
        await Pass(TimeSpan.FromMinutes(4));
        joining.IsCompleted.ShouldBeFalse();
        _told.ShouldContain(t => t.StartsWith("waits to be let into the cluster by ") && t.Contains($"{seed} (is there)") && t.Contains($"{other} (nothing listens there)"));
        await PassUntil(joining);
        (await Should.ThrowAsync<NodeStartException>(() => joining)).Message.ShouldContain("although nodes run there");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("akka.tcp://splade")]
    public async Task What_is_no_address_is_named(string seed) =>
        (await Should.ThrowAsync<NodeStartException>(() => Join(seed))).Message.ShouldContain("no Akka address");

    [Fact]
    public void Connections_have_time_on_a_busy_machine_unless_the_user_says_otherwise()
    {
        Connection("Host=db;Username=u").ShouldContain("Timeout=60");
        Connection("Host=db;Username=u;Timeout=7").ShouldContain("Timeout=7;");
        Connection("Host=db;Username=u;Timeout=7;Command Timeout=8").ShouldContain("Command Timeout=8");

        static string Connection(string journal) =>
            NodeConfiguration.PostgresConnection(new ClusterNodeOptions { NodeName = "n", DataFolder = ".", Journal = journal }) + ";";
    }

    /// <summary>What a node reads of the cluster is told by events, a little later.</summary>
    private Task IsUpAsync() => AwaitAssertAsync(() => Akka.Cluster.Cluster.Get(Sys).SelfMember.Status.ShouldBe(MemberStatus.Up), Wait);

    private Task Join(params string[] seeds) => new ClusterJoin(
        Sys, new ClusterNodeOptions { NodeName = "n", DataFolder = ".", SeedNodes = seeds, OnStarting = _told.Enqueue }, null, _time).RunAsync(default);

    private static string Seed(int port) => $"akka.tcp://{ClusterNodeOptions.SystemName}@127.0.0.1:{port}";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Lets the clock go in steps that the node sees.</summary>
    private async Task Pass(TimeSpan time)
    {
        var end = _time.GetUtcNow() + time;
        await AwaitConditionAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(2));
                return Task.FromResult(_time.GetUtcNow() >= end);
            },
            Wait,
            TimeSpan.FromMilliseconds(20));
    }

    private Task PassUntil(Task task) => AwaitConditionAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            return Task.FromResult(task.IsCompleted);
        },
        Wait,
        TimeSpan.FromMilliseconds(20));
}
