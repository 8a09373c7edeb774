using Akka.Actor;
using Splade.Cluster.Catalog;
using Splade.Cluster.Encoding;
using Splade.Cluster.Ingest;
using Splade.Cluster.Membership;
using Splade.Cluster.Search;

namespace Splade.Cluster.Api;

/// <summary>Settings of a coordinator.</summary>
public sealed record CoordinatorOptions
{
    public IngestOptions Ingest { get; init; } = new();

    public SearchOptions Search { get; init; } = new();
}

/// <summary>What a coordinator stands on.</summary>
internal sealed record CoordinatorServices(
    ActorSystem System, IActorRef Region, IActorRef Catalog, ICatalogView View, INodeDirectory Directory, TimeProvider Time);

/// <summary>Starts what a node with the coordinator role runs.</summary>
internal static class CoordinatorRole
{
    public static ISearchCluster Start(CoordinatorServices services, CoordinatorOptions options)
    {
        options.Ingest.Validate();
        options.Search.Validate();
        var (system, region, catalogActor, view, directory, time) = services;
        var queue = system.ActorOf(Props.Create(() => new EncodeQueueActor(new EncodeQueueOptions(), directory, time)), EncodeQueueActor.Name);
        var encoding = new EncodingClient(system, queue, directory, time);
        var catalog = new CatalogClient(catalogActor, view, time);
        var reader = new ShardReader(region, directory, time);
        var maintenance = new ShardMaintenance(region, directory, time);
        var writes = new WriteService(catalog, view, encoding, new ShardWriter(region, view, time), reader, maintenance, options.Ingest, time);
        var searches = new SearchService(system, new QueryBinder(encoding, new CollectionStatistics(system, directory, options.Search, time)), directory, options.Search, time);
        return new SearchCluster(services, catalog, writes, reader, maintenance, searches, encoding);
    }
}
