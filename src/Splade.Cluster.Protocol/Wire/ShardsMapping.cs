using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Protocol.Wire;

internal static class ShardsMapping
{
    public static ShardCommand Command(ShardId shard, Guid requestId) => new() { Shard = shard.ToWire(), RequestId = requestId.ToWire() };

    public static IndexBatch ToWire(Shards.IndexBatch message)
    {
        var table = new FeatureTable();
        var wire = new IndexBatch { Shard = message.Shard.ToWire(), BatchId = message.BatchId.ToWire(), Deadline = message.Deadline.ToWire() };
        foreach (var operation in message.Operations)
        {
            var item = new Operation { Kind = (int)operation.Kind, Id = operation.Id, Source = operation.Source.ToWire() };
            item.Fields.AddRange(operation.Fields.ToWire(table));
            if (operation.IfSeqNo is { } seqNo)
            {
                item.IfSeqNo = seqNo;
            }

            wire.Operations.Add(item);
        }

        wire.Features.AddRange(table.Names);
        return wire;
    }

    public static Shards.IndexBatch FromWire(IndexBatch wire) => new(
        wire.Shard.FromWire(),
        wire.BatchId.ToGuid(),
        wire.Deadline.ToTime(),
        [.. wire.Operations.Select(o => new ShardOperation(
            (OperationKind)o.Kind, o.Id, o.Source.Memory, o.Fields.FromWire(wire.Features), o.HasIfSeqNo ? o.IfSeqNo : null))]);

    public static IndexBatchAck ToWire(Shards.IndexBatchAck message)
    {
        var wire = new IndexBatchAck { Shard = message.Shard.ToWire(), BatchId = message.BatchId.ToWire() };
        wire.Results.AddRange(message.Results.Select(ToWire));
        return wire;
    }

    public static Shards.IndexBatchAck FromWire(IndexBatchAck wire) =>
        new(wire.Shard.FromWire(), wire.BatchId.ToGuid(), [.. wire.Results.Select(FromWire)]);

    public static IndexBatchRefused ToWire(Shards.IndexBatchRefused message) =>
        new() { Shard = message.Shard.ToWire(), BatchId = message.BatchId.ToWire(), Error = message.Error.ToWire() };

    public static Shards.IndexBatchRefused FromWire(IndexBatchRefused wire) =>
        new(wire.Shard.FromWire(), wire.BatchId.ToGuid(), wire.Error.FromWireOrNull()!);

    public static GetDocuments ToWire(Shards.GetDocuments message)
    {
        var wire = new GetDocuments { Shard = message.Shard.ToWire(), RequestId = message.RequestId.ToWire() };
        wire.Ids.AddRange(message.Ids);
        return wire;
    }

    public static Shards.GetDocuments FromWire(GetDocuments wire) => new(wire.Shard.FromWire(), wire.RequestId.ToGuid(), [.. wire.Ids]);

    public static Documents ToWire(Shards.Documents message)
    {
        var wire = new Documents { Shard = message.Shard.ToWire(), RequestId = message.RequestId.ToWire() };
        wire.Found.AddRange(message.Found.Select(ToWire));
        return wire;
    }

    public static Shards.Documents FromWire(Documents wire) =>
        new(wire.Shard.FromWire(), wire.RequestId.ToGuid(), [.. wire.Found.Select(FromWireOrNull)]);

    public static ShardDone ToWire(Shards.ShardDone message) =>
        new() { Shard = message.Shard.ToWire(), RequestId = message.RequestId.ToWire(), Error = message.Error.ToWire() };

    public static Shards.ShardDone FromWire(ShardDone wire) =>
        new(wire.Shard.FromWire(), wire.RequestId.ToGuid(), wire.Error.FromWireOrNull());

    public static DocumentsIndexed ToWire(Shards.DocumentsIndexed message)
    {
        var table = new FeatureTable();
        var wire = new DocumentsIndexed { BatchId = message.BatchId.ToWire(), Deadline = message.Deadline.ToWire() };
        foreach (var operation in message.Operations)
        {
            var item = new Applied
            {
                Outcome = (int)operation.Outcome, Id = operation.Id, Version = operation.Version, SeqNo = operation.SeqNo, Source = operation.Source.ToWire(),
            };
            item.Fields.AddRange(operation.Fields.ToWire(table));
            wire.Operations.Add(item);
        }

        wire.Features.AddRange(table.Names);
        return wire;
    }

    public static Shards.DocumentsIndexed FromWire(DocumentsIndexed wire) => new(
        wire.BatchId.ToGuid(),
        wire.Deadline.ToTime(),
        [.. wire.Operations.Select(o => new AppliedOperation(
            (OperationOutcome)o.Outcome, o.Id, o.Version, o.SeqNo, o.Source.Memory, o.Fields.FromWire(wire.Features)))]);

    public static ManifestPublished ToWire(Shards.ManifestPublished message)
    {
        var wire = new ManifestPublished { CoveredSequenceNr = message.CoveredSequenceNr, NextSeqNo = message.NextSeqNo };
        wire.Segments.AddRange(message.Segments.Select(ToWire));
        foreach (var batch in message.RecentBatches)
        {
            var item = new RecentBatch { BatchId = batch.BatchId.ToWire(), Deadline = batch.Deadline.ToWire() };
            item.Results.AddRange(batch.Results.Select(ToWire));
            wire.RecentBatches.Add(item);
        }

        return wire;
    }

    public static Shards.ManifestPublished FromWire(ManifestPublished wire) => new(
        wire.CoveredSequenceNr,
        wire.NextSeqNo,
        [.. wire.Segments.Select(FromWire)],
        [.. wire.RecentBatches.Select(b => new Shards.RecentBatch(b.BatchId.ToGuid(), b.Deadline.ToTime(), [.. b.Results.Select(FromWire)]))]);

    public static Stored ToWire(StoredDocument? document) => document is null
        ? new() { Missing = true }
        : new() { Id = document.Id, Version = document.Version, SeqNo = document.SeqNo, Source = document.Source.ToWire() };

    public static StoredDocument? FromWireOrNull(Stored? wire) =>
        wire is null || wire.Missing ? null : new(wire.Id, wire.Version, wire.SeqNo, wire.Source.Memory);

    private static SegmentKeys ToWire(Shards.SegmentKeys keys)
    {
        var wire = new SegmentKeys { SegmentId = keys.SegmentId, SegmentKey = keys.SegmentKey, LiveKey = keys.LiveKey ?? "" };
        if (keys.SegmentDigest is { } segment)
        {
            wire.SegmentDigest = segment;
        }

        if (keys.LiveDigest is { } live)
        {
            wire.LiveDigest = live;
        }

        return wire;
    }

    private static Shards.SegmentKeys FromWire(SegmentKeys wire) => new(
        wire.SegmentId, wire.SegmentKey, wire.LiveKey.Length == 0 ? null : wire.LiveKey,
        wire.HasSegmentDigest ? wire.SegmentDigest : null, wire.HasLiveDigest ? wire.LiveDigest : null);

    private static Result ToWire(OperationResult result) =>
        new() { Outcome = (int)result.Outcome, Version = result.Version, SeqNo = result.SeqNo };

    private static OperationResult FromWire(Result wire) => new((OperationOutcome)wire.Outcome, wire.Version, wire.SeqNo);
}
