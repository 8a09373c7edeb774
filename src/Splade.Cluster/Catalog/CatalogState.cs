using System.Collections.Immutable;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Catalog;

/// <summary>The catalog as its events make it. Immutable.</summary>
internal sealed record CatalogState(
    long Version, string ClusterUuid, ImmutableSortedDictionary<string, IndexMetadata> Indices, ImmutableHashSet<ShardId> Dropped)
{
    private const int RememberedDeletions = 50;

    /// <summary>Ids of the newest commands that deleted an index, oldest first.</summary>
    public ImmutableArray<Guid> Deletions { get; init; } = [];

    public static CatalogState Empty { get; } = new(
        0, "", ImmutableSortedDictionary.Create<string, IndexMetadata>(StringComparer.Ordinal), []);

    public static CatalogState Of(CatalogSnapshot snapshot) => new(
        snapshot.Version,
        snapshot.ClusterUuid,
        snapshot.Indices.ToImmutableSortedDictionary(i => i.Name, i => i, StringComparer.Ordinal),
        [.. snapshot.Dropped])
    {
        Deletions = snapshot.Deletions,
    };

    public CatalogSnapshot ToSnapshot() => new(Version, ClusterUuid, [.. Indices.Values], [.. Dropped]) { Deletions = Deletions };

    public CatalogState Apply(IJournalEvent journalEvent) => journalEvent switch
    {
        CatalogFounded founded => this with { Version = Version + 1, ClusterUuid = founded.ClusterUuid },
        IndexCreated created => this with { Version = Version + 1, Indices = Indices.SetItem(created.Index.Name, created.Index) },
        IndexChanged changed => this with { Version = Version + 1, Indices = Indices.SetItem(changed.Index.Name, changed.Index) },
        IndexDeleted deleted => this with
        {
            Version = Version + 1,
            Indices = Indices.Remove(deleted.Name),
            Dropped = Dropped.Union(Indices.TryGetValue(deleted.Name, out var index) ? index.Shards : []),
            Deletions = deleted.RequestId == Guid.Empty ? Deletions : [.. Deletions.TakeLast(RememberedDeletions - 1), deleted.RequestId],
        },
        ShardDropConfirmed confirmed => this with { Version = Version + 1, Dropped = Dropped.Remove(confirmed.Shard) },
        _ => throw new ArgumentException($"The catalog has no event {journalEvent.GetType().Name}.", nameof(journalEvent)),
    };

    /// <summary>
    /// The event that a command causes; null when nothing changes. An index has the id of the command that made it, and the ids of those that
    /// deleted one are kept, so that a repeated command, which may come to a catalog that has moved to another node meanwhile, is known as done.
    /// </summary>
    /// <exception cref="Api.SearchClusterException">The command is refused.</exception>
    public IJournalEvent? Decide(ICatalogCommand command, TimeProvider time)
    {
        switch (command)
        {
            case CreateIndex create:
                var uuid = ShortId.Of(create.RequestId);
                if (Indices.TryGetValue(create.Name, out var existing))
                {
                    return existing.Uuid == uuid ? null : throw Errors.IndexExists(existing);
                }

                return new IndexCreated(new IndexMetadata(
                    create.Name, uuid, time.GetUtcNow(), 1, create.NumberOfShards, create.NumberOfReplicas, create.RefreshInterval, create.Mapping));
            case DeleteIndex delete:
                if (Deletions.Contains(delete.RequestId))
                {
                    return null;
                }

                Require(delete.Name, delete.Uuid);
                return new IndexDeleted(delete.Name, delete.Uuid, delete.RequestId);
            case ExtendMapping extend:
                var index = Require(extend.Name, extend.Uuid);
                var merged = MappingMerge.Merge(index.Mapping, extend.Additions);
                return ReferenceEquals(merged, index.Mapping) ? null : new IndexChanged(index with { Mapping = merged, Version = index.Version + 1 });
            case ChangeSettings change:
                var changing = Require(change.Name, change.Uuid);
                return new IndexChanged(changing with
                {
                    Version = changing.Version + 1,
                    NumberOfReplicas = change.NumberOfReplicas ?? changing.NumberOfReplicas,
                    RefreshInterval = change.SetRefreshInterval ? change.RefreshInterval : changing.RefreshInterval,
                });
            default:
                throw new ArgumentException($"The catalog has no command {command.GetType().Name}.", nameof(command));
        }
    }

    private IndexMetadata Require(string name, string uuid) =>
        Indices.TryGetValue(name, out var index) && index.Uuid == uuid ? index : throw Errors.NoSuchIndex(name);
}
