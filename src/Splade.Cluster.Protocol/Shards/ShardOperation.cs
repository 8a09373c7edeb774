using System.Collections.Immutable;
using Splade.Index;

namespace Splade.Cluster.Protocol.Shards;

public enum OperationKind
{
    /// <summary>Adds or replaces.</summary>
    Index = 0,

    /// <summary>Adds; a conflict when the id exists.</summary>
    Create = 1,

    Delete = 2,
}

/// <summary>A write to one document, already encoded.</summary>
/// <param name="Source">The JSON as sent; empty for a delete.</param>
/// <param name="IfSeqNo">Writes only when the live document has this sequence number; null for no condition.</param>
public sealed record ShardOperation(
    OperationKind Kind, string Id, ReadOnlyMemory<byte> Source, ImmutableArray<SparseField> Fields, long? IfSeqNo = null);

public enum OperationOutcome
{
    Created = 0,
    Updated = 1,
    Deleted = 2,
    NotFound = 3,
    VersionConflict = 4,
}

/// <summary>What became of one operation.</summary>
/// <param name="Version">The document's version after it (the current one on a conflict).</param>
/// <param name="SeqNo">Sequence number of the write; of the live document on a conflict; -1 when there is none.</param>
public sealed record OperationResult(OperationOutcome Outcome, long Version, long SeqNo);
