using System.Collections.Immutable;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Shards;
using Splade.Encoding.Packages;
using Splade.Index;

namespace Splade.Cluster.Ingest;

/// <summary>One operation on its way through the write path.</summary>
internal sealed class WriteItem
{
    private ImmutableArray<SparseField> _fields = [];
    private Mapping _mapping = Mapping.Empty;
    private OperationKind _kind;
    private long? _ifSeqNo;
    private int _retries;
    private StoredDocument? _unchanged;

    public WriteItem(WriteOperation operation, TimeProvider time)
    {
        Operation = operation;
        Id = operation.Id ?? AutoId.New(time);
        Error = IndexNames.Check(operation.Index) ?? IndexNames.CheckId(Id);
        _retries = operation.RetryOnConflict;
        _ifSeqNo = operation.IfSeqNo;
        _kind = operation.Kind switch
        {
            WriteKind.Create => OperationKind.Create,
            WriteKind.Delete => OperationKind.Delete,
            _ => OperationKind.Index,
        };
    }

    public WriteOperation Operation { get; }

    public string Id { get; }

    public ShardId? Shard { get; set; }

    public ReadOnlyMemory<byte> Source { get; set; }

    public ImmutableArray<SemanticText> Texts { get; private set; } = [];

    public OperationResult? Outcome { get; set; }

    public ErrorInfo? Error { get; set; }

    /// <returns>The mapping with this document's new fields.</returns>
    public Mapping Map(Mapping mapping, int maxBytes)
    {
        try
        {
            if (Source.Length > maxBytes)
            {
                throw Errors.Of(
                    "illegal_argument_exception", $"document [{Id}] has {Source.Length} bytes, more than the limit of {maxBytes}: split it into smaller documents", 413);
            }

            var mapped = DocumentMapper.Map(Id, Source, mapping);
            _mapping = mapped.Mapping;
            _fields = [.. mapped.Fields.SelectMany(f => Pruned(f, f.Name))];
            Texts = mapped.Texts;
            return mapped.Mapping;
        }
        catch (SearchClusterException failure)
        {
            Error = failure.Error;
            return mapping;
        }
    }

    /// <param name="index">With the vector spaces of its fields.</param>
    public void AddVector(IndexMetadata index, SemanticText text, EncodedDocument encoded)
    {
        var field = text.Field;
        ImmutableArray<ImmutableArray<FeatureWeight>> vectors = [encoded.Features, .. encoded.FurtherPassages];
        if (encoded.Error is not null)
        {
            Error = encoded.Error;
        }
        else if (FieldLookup.Find(index.Mapping, field)?.VectorSpace is { } known && ModelFingerprint.VectorSpaceOf(encoded.Fingerprint) is var found && found != known)
        {
            Error = Errors.OtherModel(index.Name, field, text.Model, known, found).Error;
        }
        else if (vectors.Any(v => v.Any(f => f.Feature.Length == 0 || !(f.Weight > 0f) || float.IsInfinity(f.Weight))))
        {
            // Nothing of this may reach a journal, from which it would come back at each start.
            Error = new ErrorInfo("exception", $"the model of field [{field}] gave document [{Id}] a weight that is not positive and finite: check the model package", 500);
        }
        else
        {
            var (passages, numbers) = PassageFields.Of(field, [.. vectors.Where(v => v.Length > 0)]);
            _fields = [.. _fields, .. passages.SelectMany(p => Pruned(p, field)), .. numbers is null ? [] : new[] { numbers }];
        }
    }

    /// <summary>Refuses a document that no message between nodes can carry, before it is sent again and again.</summary>
    public void CheckSize()
    {
        if (MessageSize.Of(ToShardOperation()) is > MessageSize.Largest and var bytes)
        {
            Error = Errors.Of(
                "illegal_argument_exception",
                $"document [{Id}] has {bytes} bytes with its {_fields.Sum(f => (long)f.Features.Length)} features, more than the limit of {MessageSize.Largest}: split it into smaller documents, or copy its values to fewer fields",
                413).Error;
        }
    }

    public ShardOperation ToShardOperation() =>
        _kind == OperationKind.Delete ? new ShardOperation(_kind, Id, default, [], _ifSeqNo) : new ShardOperation(_kind, Id, Source, _fields, _ifSeqNo);

    /// <summary>Turns an update into the write of a whole document, or into nothing.</summary>
    public void PrepareUpdate(StoredDocument? current)
    {
        Outcome = null;
        Error = null;
        try
        {
            var body = UpdateBody.Parse(Operation.Source);
            if (current is null)
            {
                var upsert = body.Upsert ?? (body.DocAsUpsert ? body.Doc : null)
                    ?? throw Errors.Of("document_missing_exception", $"[{Id}]: document missing", 404);
                (_kind, _ifSeqNo) = (OperationKind.Create, Operation.IfSeqNo);
                Source = UpdateBody.ToBytes(upsert);
                return;
            }

            if (Operation.IfSeqNo is { } expected && expected != current.SeqNo)
            {
                Outcome = new OperationResult(OperationOutcome.VersionConflict, current.Version, current.SeqNo);
            }
            else if (body.Apply(current.Source) is { } changed)
            {
                (_kind, _ifSeqNo, Source) = (OperationKind.Index, current.SeqNo, changed);
            }
            else
            {
                _unchanged = current;
                Outcome = new OperationResult(OperationOutcome.Updated, current.Version, current.SeqNo);
            }
        }
        catch (SearchClusterException failure)
        {
            Error = failure.Error;
        }
        catch (Exception malformed) when (malformed is System.Text.Json.JsonException or InvalidOperationException or ArgumentException)
        {
            Error = Errors.Document($"failed to parse the update of document [{Id}]: {malformed.Message}").Error;
        }
    }

    /// <summary>True when the update met a conflict and may be tried once more.</summary>
    public bool TakeRetry() => Outcome?.Outcome == OperationOutcome.VersionConflict && _retries-- > 0;

    public WriteResult ToResult()
    {
        if (Error is null && Outcome?.Outcome == OperationOutcome.VersionConflict)
        {
            Error = Conflict(Outcome);
        }

        if (Error is not null)
        {
            return new WriteResult(Operation.Index, Id, null, Error.Status, 0, 0, Error);
        }

        var (result, status) = _unchanged is not null ? ("noop", 200) : Outcome!.Outcome switch
        {
            OperationOutcome.Created => ("created", 201),
            OperationOutcome.Updated => ("updated", 200),
            OperationOutcome.Deleted => ("deleted", 200),
            _ => ("not_found", 404),
        };
        return new WriteResult(Operation.Index, Id, result, status, Outcome!.Version, Outcome.SeqNo, null)
        {
            UpdatedSource = Operation.Kind == WriteKind.Update ? _unchanged?.Source ?? Source : null,
        };
    }

    /// <summary>Before the journal, so that a replay gives the same whatever the mapping is then.</summary>
    /// <param name="mapped">The field of the mapping, of which it may be a passage.</param>
    private IEnumerable<SparseField> Pruned(SparseField field, string mapped) =>
        FieldLookup.Find(_mapping, mapped)?.StaticPruning is { } pruning ? pruning.Prune(field) : [field];

    private ErrorInfo Conflict(OperationResult outcome)
    {
        var reason = Operation.IfSeqNo is { } expected
            ? outcome.SeqNo < 0
                ? $"required seqNo [{expected}], primary term [1]. but no document was found"
                : $"required seqNo [{expected}], primary term [1]. current document has seqNo [{outcome.SeqNo}] and primary term [1]"
            : Operation.Kind == WriteKind.Update
                ? $"the document was changed by another write while it was updated (current version [{outcome.Version}]): raise retry_on_conflict"
                : $"document already exists (current version [{outcome.Version}])";
        return new ErrorInfo("version_conflict_engine_exception", $"[{Id}]: version conflict, {reason}", 409);
    }
}
