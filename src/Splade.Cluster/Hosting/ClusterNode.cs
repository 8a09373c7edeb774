using System.Collections.Immutable;
using System.Reflection;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Event;
using Akka.Pattern;
using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Encoding;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;
using Splade.Cluster.Search.Leaf;
using Splade.Cluster.Sharding;
using Splade.Encoding;
using Splade.Storage;

namespace Splade.Cluster.Hosting;

/// <summary>One member of the cluster with the actors of its roles.</summary>
public sealed class ClusterNode : IAsyncDisposable
{
    private readonly ModelRegistry? _models;
    private readonly CatalogView _catalog;
    private readonly ShardRegistry _shards;
    private readonly Func<OfferedModels> _offered;
    private readonly NodeEnd _end;
    private DataFolderLock? _lock;
    private MemberTable? _members;

    private ClusterNode(ActorSystem system, NodeInfo node, CatalogView catalog, ShardRegistry shards, ModelRegistry? models, Func<OfferedModels> offered, ISearchCluster? cluster, NodeEnd end)
    {
        _end = end;
        System = system;
        Node = node;
        _catalog = catalog;
        _shards = shards;
        _models = models;
        _offered = offered;
        Cluster = cluster;
    }

    public ActorSystem System { get; }

    public NodeInfo Node { get; }

    /// <summary>The cluster's interface; null without the coordinator role.</summary>
    public ISearchCluster? Cluster { get; }

    /// <summary>Models that this node can encode with.</summary>
    public ImmutableArray<ModelInfo> Models => _offered().Ready;

    /// <summary>The shards that this node leads, opened or not.</summary>
    public ImmutableArray<ShardStatus> Shards => _shards.Statuses;

    /// <summary>
    /// Completes when the node is no member any more: it was disposed, or the others could not reach it for too long and removed it. Whoever
    /// started it can dispose it and start it anew under the same address.
    /// </summary>
    public Task Terminated => System.WhenTerminated;

    /// <summary>Once <see cref="Terminated"/>: the others removed the node, and nothing else is wrong with it.</summary>
    public bool WasRemoved => System.WhenTerminated.IsCompleted && _end.Reason is null;

    /// <summary>Why the node ended by itself: a sentence that says what to do.</summary>
    public string EndReason => _end.Reason ?? "The other nodes could not reach this node for too long and removed it from the cluster: start it again.";

    /// <summary>Member, and the catalog is here.</summary>
    public bool IsReady => NotReadyReasons.Count == 0;

    /// <summary>What the node lacks to serve, one sentence each.</summary>
    public IReadOnlyList<string> NotReadyReasons
    {
        get
        {
            if (System.WhenTerminated.IsCompleted || _end.Reason is not null)
            {
                return [EndReason];
            }

            var status = Akka.Cluster.Cluster.Get(System).SelfMember.Status;
            return status != MemberStatus.Up ? [$"the node is no full member of the cluster, but {status}"]
                : _catalog.Current.Version < 0 ? ["no coordinator has sent the catalog yet"]
                : [];
        }
    }

    /// <summary>Starts the node and waits until it is a full member that knows the catalog.</summary>
    /// <exception cref="NodeStartException">The node can't start; the message is one line that says what to do.</exception>
    public static async Task<ClusterNode> StartAsync(ClusterNodeOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.OnStarting("checks its folders, its ports and the journal");
        var folder = await NodePreflight.CheckAsync(options, cancellationToken).ConfigureAwait(false);
        try
        {
            var node = await StartAsync(options, OpenStore(options), time, cancellationToken).ConfigureAwait(false);
            node._lock = folder;
            return node;
        }
        catch
        {
            folder?.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the cluster in order: hands shards over, stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance).ConfigureAwait(false);
        _models?.Dispose();
        _lock?.Dispose();
        await ForgetAsync().ConfigureAwait(false);
    }

    private static async Task<ClusterNode> StartAsync(ClusterNodeOptions options, ISegmentStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var system = ActorSystem.Create(ClusterNodeOptions.SystemName, NodeConfiguration.Compose(options));
        try
        {
            var end = new NodeEnd(system);
            var starting = RunAsync();
            return await (await Task.WhenAny(starting, end.AsStartFailure<ClusterNode>()).ConfigureAwait(false)).ConfigureAwait(false);

            async Task<ClusterNode> RunAsync()
            {
                var warm = Task.CompletedTask;
                if (options.UsesJournal)
                {
                    system.ActorOf(Props.Create(() => new JournalGuardActor(end.Because)), "journal-guard");
                    warm = JournalWarmUp.RunAsync(system, cancellationToken);
                }

                var members = NodeConfiguration.IsSqlite(options) ? null : new MemberTable(NodeConfiguration.PostgresConnection(options));
                await new ClusterJoin(system, options, members, time).RunAsync(cancellationToken).ConfigureAwait(false);
                options.OnStarting("waits for its journal to answer");
                await warm.ConfigureAwait(false);
                var node = StartActors(system, options, store, time, end);
                if (members is not null)
                {
                    node._members = members;
                    system.ActorOf(Props.Create(() => new MemberTableActor(members)), "member-table");
                }

                if (options.UsesJournal)
                {
                    await CatalogArrival.WaitAsync(system, node._catalog, options.OnStarting, time, cancellationToken).ConfigureAwait(false);
                }

                return node;
            }
        }
        catch
        {
            await system.Terminate().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Who left in order is not asked by nodes that start.</summary>
    private async Task ForgetAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await (_members?.ForgetAsync(Node.Address, timeout.Token) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is Npgsql.NpgsqlException or OperationCanceledException or TimeoutException)
        {
            // The row is out of date in moments.
        }
    }

    private static FileSystemSegmentStore OpenStore(ClusterNodeOptions options)
    {
        var folder = options.SegmentFolder ?? Path.Combine(options.DataFolder, "segments");
        try
        {
            return new FileSystemSegmentStore(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NodeStartException($"The segment folder {folder} can't be used: {exception.Message} Name another with --segments.", exception);
        }
    }

    private static ClusterNode StartActors(ActorSystem system, ClusterNodeOptions options, ISegmentStore store, TimeProvider time, NodeEnd end)
    {
        var address = Akka.Cluster.Cluster.Get(system).SelfAddress;
        var info = new NodeInfo(
            options.NodeName, address.ToString(), options.HttpUrl, [.. options.Roles], ProductVersion, time.GetUtcNow());
        var log = Logging.GetLogger(system, typeof(ClusterNode));
        var view = new CatalogView();
        var registry = new ShardRegistry();
        if (options.Roles.Contains(NodeRoles.Coordinator))
        {
            system.ActorOf(
                ClusterSingletonManager.Props(
                    CatalogProps(time), PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system).WithRole(NodeRoles.Coordinator)),
                "catalog");
        }

        var catalog = system.ActorOf(
            ClusterSingletonProxy.Props("/user/catalog", ClusterSingletonProxySettings.Create(system).WithRole(NodeRoles.Coordinator)), "catalog-proxy");
        system.ActorOf(Props.Create(() => new CatalogReplicaActor(catalog, view)), "catalog-replica");
        var region = StartSharding(system, options, new IndexShardServices(store, registry, view, time, options.Shards));
        var models = options.Roles.Contains(NodeRoles.Encoder)
            ? new ModelRegistry(options.DataFolder, options.Encoder with { QueryLane = true, OnWarning = options.Encoder.OnWarning ?? (line => log.Warning("{0}", line)) })
            : null;
        Func<OfferedModels> offered = models is null ? static () => OfferedModels.None : EncoderRole.Start(system, models, new EncoderRoleOptions(), time);
        if (options.Roles.Contains(NodeRoles.Index))
        {
            system.ActorOf(Props.Create(() => new LeafSearchActor(registry, new LeafSearchOptions(), time)), LeafSearchActor.Name);
        }

        ISearchCluster? cluster = null;
        if (options.Roles.Contains(NodeRoles.Coordinator))
        {
            var directory = new NodeDirectory();
            system.ActorOf(Props.Create(() => new NodeDirectoryActor(directory)), NodeDirectoryActor.Name);
            system.ActorOf(Props.Create(() => new ShardKeepAliveActor(region, catalog, view)), "shard-keep-alive");
            cluster = CoordinatorRole.Start(new CoordinatorServices(system, region, catalog, view, directory, time), new CoordinatorOptions());
        }

        system.ActorOf(Props.Create(() => new QuarantineGuardActor()), "quarantine-guard");
        system.ActorOf(Props.Create(() => new NodeReporterActor(info, registry, offered, time)), "node-reporter");
        return new ClusterNode(system, info, view, registry, models, offered, cluster, end);
    }

    /// <summary>A persistent actor stops when its journal fails, and the singleton manager would not start it again.</summary>
    private static Props CatalogProps(TimeProvider time) => BackoffSupervisor.Props(
        Backoff.OnStop(Props.Create(() => new CatalogActor(time)), "catalog", TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), 0.2, -1));

    private static IActorRef StartSharding(ActorSystem system, ClusterNodeOptions options, IndexShardServices services)
    {
        const string typeName = "index-shard";
        services.Options.Validate();
        var sharding = ClusterSharding.Get(system);
        var extractor = new ShardMessageExtractor();
        if (!options.Roles.Contains(NodeRoles.Index))
        {
            return sharding.StartProxy(typeName, NodeRoles.Index, extractor);
        }

        var settings = ClusterShardingSettings.Create(system);
        return sharding.Start(
            typeName,
            id => Props.Create(() => new IndexShardActor(id, services)),
            settings,
            extractor,
            ShardAllocationStrategy.LeastShardAllocationStrategy(4, 0.25),
            StopIndexShard.Instance);
    }

    private static string ProductVersion =>
        typeof(ClusterNode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
