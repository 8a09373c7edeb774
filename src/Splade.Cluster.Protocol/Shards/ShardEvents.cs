using System.Collections.Immutable;
using Splade.Index;

namespace Splade.Cluster.Protocol.Shards;

/// <summary>One applied write with what the leader decided, so that a replay decides nothing.</summary>
public sealed record AppliedOperation(
    OperationOutcome Outcome, string Id, long Version, long SeqNo, ReadOnlyMemory<byte> Source, ImmutableArray<SparseField> Fields);

/// <summary>One batch of writes: the unit of the journal. Conflicts and not-found are in it too, for the repeated answer.</summary>
/// <param name="Deadline">The batch may be repeated until then.</param>
public sealed record DocumentsIndexed(Guid BatchId, DateTimeOffset Deadline, ImmutableArray<AppliedOperation> Operations) : IJournalEvent;

/// <summary>A set of segments in the store that covers the journal up to a sequence number.</summary>
/// <param name="CoveredSequenceNr">Journal sequence number up to which all operations are in the segments.</param>
/// <param name="NextSeqNo">Next document sequence number after the covered operations.</param>
/// <param name="RecentBatches">Batches that may still be repeated, with their results, oldest first.</param>
public sealed record ManifestPublished(
    long CoveredSequenceNr, long NextSeqNo, ImmutableArray<SegmentKeys> Segments, ImmutableArray<RecentBatch> RecentBatches) : IJournalEvent;

/// <summary>Store keys of one segment.</summary>
/// <param name="SegmentId">Unique in its shard.</param>
/// <param name="SegmentKey">Key of the segment file.</param>
/// <param name="LiveKey">Key of the live-documents file; null when nothing is deleted.</param>
/// <param name="SegmentDigest">What tells the segment file from any other one, see <see cref="SegmentFiles.SegmentDigest"/>; null in an older manifest.</param>
/// <param name="LiveDigest">The same for the live-documents file.</param>
public sealed record SegmentKeys(string SegmentId, string SegmentKey, string? LiveKey, ulong? SegmentDigest = null, ulong? LiveDigest = null);

public sealed record RecentBatch(Guid BatchId, DateTimeOffset Deadline, ImmutableArray<OperationResult> Results);
