using Splade.Cluster.Catalog;
using Splade.Storage;

namespace Splade.Cluster.Sharding;

/// <summary>What every shard leader of a node shares.</summary>
internal sealed record IndexShardServices(
    ISegmentStore Store, ShardRegistry Registry, ICatalogView Catalog, TimeProvider Time, IndexShardOptions Options)
{
    public OpenFailures OpenFailures { get; } = new();
}
