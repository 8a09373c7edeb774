using System.Collections.Immutable;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Sharding;

/// <summary>
/// What a leader decides with, apart from actors and disks: versions, sequence numbers, remembered deletes and remembered batches.
/// </summary>
/// <param name="find">Version and sequence number of a live document.</param>
internal sealed class IndexShardState(IndexShardOptions options, Func<string, (long Version, long SeqNo)?> find, TimeProvider time)
{
    /// <summary>Clocks of a shard's former and later leader may differ by so much.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, long> _deletedVersions = new(StringComparer.Ordinal);
    private readonly Queue<string> _deletedOrder = new();
    private readonly Dictionary<Guid, RecentBatch> _batches = [];
    private readonly Queue<Guid> _batchOrder = new();

    public long NextSeqNo { get; set; }

    /// <summary>Batches that may be repeated, oldest first.</summary>
    public ImmutableArray<RecentBatch> RecentBatches => [.. _batchOrder.Select(id => _batches[id]).Where(MayBeRepeated)];

    /// <summary>The answer to a batch that is done already; null for a new one.</summary>
    public ImmutableArray<OperationResult>? AnswerOf(Guid batchId) => _batches.GetValueOrDefault(batchId)?.Results;

    /// <summary>Why a batch can never be applied; null when it can.</summary>
    public static string? FindFault(IndexBatch batch)
    {
        foreach (var operation in batch.Operations)
        {
            if (new IndexDocument(operation.Id, 1, 0, default, operation.Fields).FindFault() is { } fault)
            {
                return fault;
            }

            foreach (var field in operation.Fields)
            {
                var seen = new HashSet<string>(field.Features.Length, StringComparer.Ordinal);
                if (field.Features.FirstOrDefault(f => !seen.Add(f.Feature)) is { Feature: { } repeated })
                {
                    return $"Document [{operation.Id}]: feature [{repeated}] is twice in field [{field.Name}].";
                }
            }
        }

        return null;
    }

    /// <summary>Decides the outcome of each operation, in order, without changing anything.</summary>
    public DocumentsIndexed Decide(IndexBatch batch)
    {
        var inBatch = new Dictionary<string, (long Version, long SeqNo, bool Live)>(StringComparer.Ordinal);
        var seqNo = NextSeqNo;
        var applied = ImmutableArray.CreateBuilder<AppliedOperation>(batch.Operations.Length);
        foreach (var operation in batch.Operations)
        {
            var (version, current, live) = Current(operation.Id);
            if ((operation.Kind == OperationKind.Create && live) || (operation.IfSeqNo is { } expected && (!live || current != expected)))
            {
                applied.Add(new AppliedOperation(OperationOutcome.VersionConflict, operation.Id, version, live ? current : -1, default, []));
                continue;
            }

            var next = version + 1;
            if (operation.Kind == OperationKind.Delete)
            {
                applied.Add(new AppliedOperation(live ? OperationOutcome.Deleted : OperationOutcome.NotFound, operation.Id, next, seqNo, default, []));
            }
            else
            {
                applied.Add(new AppliedOperation(
                    live ? OperationOutcome.Updated : OperationOutcome.Created, operation.Id, next, seqNo, operation.Source, operation.Fields));
            }

            inBatch[operation.Id] = (next, seqNo++, operation.Kind != OperationKind.Delete);
        }

        return new DocumentsIndexed(batch.BatchId, batch.Deadline, applied.MoveToImmutable());

        (long Version, long SeqNo, bool Live) Current(string id)
        {
            if (inBatch.TryGetValue(id, out var earlier))
            {
                return earlier;
            }

            return find(id) is var (liveVersion, liveSeqNo) ? (liveVersion, liveSeqNo, true) : (_deletedVersions.GetValueOrDefault(id), -1, false);
        }
    }

    /// <summary>Remembers what an event means for later decisions. Answers the batch's results.</summary>
    public ImmutableArray<OperationResult> Apply(DocumentsIndexed indexed)
    {
        foreach (var operation in indexed.Operations)
        {
            if (operation.Outcome is OperationOutcome.Deleted or OperationOutcome.NotFound)
            {
                RememberDelete(operation.Id, operation.Version);
            }
            else if (operation.Outcome is OperationOutcome.Created or OperationOutcome.Updated)
            {
                _deletedVersions.Remove(operation.Id);
            }

            if (operation.Outcome != OperationOutcome.VersionConflict)
            {
                NextSeqNo = Math.Max(NextSeqNo, operation.SeqNo + 1);
            }
        }

        ImmutableArray<OperationResult> results = [.. indexed.Operations.Select(o => new OperationResult(o.Outcome, o.Version, o.SeqNo))];
        Remember(new RecentBatch(indexed.BatchId, indexed.Deadline, results));
        return results;
    }

    public void Remember(RecentBatch batch)
    {
        if (!_batches.TryAdd(batch.BatchId, batch))
        {
            return;
        }

        _batchOrder.Enqueue(batch.BatchId);
        while (_batchOrder.TryPeek(out var oldest) && (_batchOrder.Count > options.RememberedBatches || !MayBeRepeated(_batches[oldest])))
        {
            _batches.Remove(_batchOrder.Dequeue());
        }
    }

    private bool MayBeRepeated(RecentBatch batch) => batch.Deadline > time.GetUtcNow() - ClockSkew;

    private void RememberDelete(string id, long version)
    {
        if (_deletedVersions.TryAdd(id, version))
        {
            _deletedOrder.Enqueue(id);
            if (_deletedOrder.Count > options.RememberedDeletes)
            {
                _deletedVersions.Remove(_deletedOrder.Dequeue());
            }
        }
        else
        {
            _deletedVersions[id] = version;
        }
    }
}
