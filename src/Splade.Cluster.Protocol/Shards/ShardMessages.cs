using System.Collections.Immutable;
using Splade.Index;

namespace Splade.Cluster.Protocol.Shards;

/// <summary>
/// Writes for one shard, at most 64 KB unless a single document is larger. The sender repeats an unacknowledged batch under the same
/// id (the region drops messages during hand-off); the leader applies it once.
/// </summary>
/// <param name="Deadline">A leader does not begin it later: its sender has given it up then, and newer writes may have come meanwhile.</param>
public sealed record IndexBatch(ShardId Shard, Guid BatchId, DateTimeOffset Deadline, ImmutableArray<ShardOperation> Operations) : IShardMessage;

/// <summary>The batch is in the journal. Results are in the order of the operations.</summary>
public sealed record IndexBatchAck(ShardId Shard, Guid BatchId, ImmutableArray<OperationResult> Results) : ISpladeProtocol;

/// <summary>The batch was not taken, or the journal failed: try again later, under the same id, because the journal may have it all the same.</summary>
public sealed record IndexBatchRefused(ShardId Shard, Guid BatchId, ErrorInfo Error) : ISpladeProtocol;

/// <summary>Real-time reads of stored documents. Answered by <see cref="Documents"/>.</summary>
public sealed record GetDocuments(ShardId Shard, Guid RequestId, ImmutableArray<string> Ids) : IShardMessage;

/// <summary>In the order asked; null where there is none. May end early (size limit): ask again for the rest.</summary>
public sealed record Documents(ShardId Shard, Guid RequestId, ImmutableArray<StoredDocument?> Found) : ISpladeProtocol;

/// <summary>Makes all acknowledged writes searchable. Answered by <see cref="ShardDone"/>.</summary>
public sealed record RefreshShard(ShardId Shard, Guid RequestId) : IShardMessage;

/// <summary>Publishes everything to the segment store and trims the journal. Answered by <see cref="ShardDone"/>.</summary>
public sealed record FlushShard(ShardId Shard, Guid RequestId) : IShardMessage;

/// <summary>Keep-alive: starts the shard where it is not running. Answered by <see cref="ShardDone"/> once it is open.</summary>
public sealed record StartShard(ShardId Shard, Guid RequestId) : IShardMessage;

/// <summary>Deletes journal, snapshots and files of a shard whose index was deleted. Answered by <see cref="ShardDone"/>.</summary>
public sealed record DropShard(ShardId Shard, Guid RequestId) : IShardMessage;

/// <summary>Done, or failed when <paramref name="Error"/> is set.</summary>
public sealed record ShardDone(ShardId Shard, Guid RequestId, ErrorInfo? Error = null) : ISpladeProtocol;
