using System.Collections.Immutable;

namespace Splade.Cluster.Protocol.Catalog;

/// <summary>A command to the catalog singleton. Answered by <see cref="CatalogAccepted"/> or <see cref="CatalogRefused"/>.</summary>
public interface ICatalogCommand : ISpladeProtocol
{
    Guid RequestId { get; }
}

/// <summary>Uuid, creation date and version are filled in by the catalog.</summary>
public sealed record CreateIndex(
    Guid RequestId, string Name, int NumberOfShards, int NumberOfReplicas, TimeSpan? RefreshInterval, Mapping Mapping) : ICatalogCommand;

/// <summary>By uuid, so that a repeated command can't hit an index created meanwhile under the same name.</summary>
public sealed record DeleteIndex(Guid RequestId, string Name, string Uuid) : ICatalogCommand;

/// <summary>Adds fields; refuses to change the type or model of one that is there.</summary>
public sealed record ExtendMapping(Guid RequestId, string Name, string Uuid, Mapping Additions) : ICatalogCommand;

/// <summary>Changes what may change on a live index; null leaves a setting.</summary>
public sealed record ChangeSettings(Guid RequestId, string Name, string Uuid, int? NumberOfReplicas, bool SetRefreshInterval, TimeSpan? RefreshInterval) : ICatalogCommand;

/// <param name="Version">Catalog version from which on the change is visible.</param>
/// <param name="Index">The index after the command; null after a delete.</param>
public sealed record CatalogAccepted(Guid RequestId, long Version, IndexMetadata? Index) : ISpladeProtocol;

public sealed record CatalogRefused(Guid RequestId, ErrorInfo Error) : ISpladeProtocol;

/// <summary>Asks for the catalog now and after each change; repeated every few seconds, because the singleton may move.</summary>
/// <param name="KnownVersion">What the subscriber has; -1 for nothing.</param>
public sealed record SubscribeToCatalog(long KnownVersion) : ISpladeProtocol;

/// <summary>The whole catalog.</summary>
/// <param name="Version">Counts changes since the cluster was first started.</param>
/// <param name="ClusterUuid">Made at the first start, 22 URL-safe characters.</param>
/// <param name="Dropped">Shards of deleted indices whose data may still be there.</param>
public sealed record CatalogSnapshot(long Version, string ClusterUuid, ImmutableArray<IndexMetadata> Indices, ImmutableArray<ShardId> Dropped) : ISpladeProtocol
{
    /// <summary>Ids of the newest commands that deleted an index, oldest first: one that is repeated is known as done.</summary>
    public ImmutableArray<Guid> Deletions { get; init; } = [];
}

/// <summary>To the catalog: the shard's data is gone.</summary>
public sealed record ShardDropped(ShardId Shard) : ISpladeProtocol;

public sealed record CatalogFounded(string ClusterUuid) : IJournalEvent;

public sealed record IndexCreated(IndexMetadata Index) : IJournalEvent;

/// <param name="RequestId">Of the command; empty in old journals.</param>
public sealed record IndexDeleted(string Name, string Uuid, Guid RequestId) : IJournalEvent;

/// <summary>Mapping or settings changed: the whole new metadata.</summary>
public sealed record IndexChanged(IndexMetadata Index) : IJournalEvent;

public sealed record ShardDropConfirmed(ShardId Shard) : IJournalEvent;
