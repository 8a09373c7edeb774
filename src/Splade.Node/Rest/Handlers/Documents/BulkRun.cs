using System.Collections.Immutable;
using System.Text.Json;
using Splade.Cluster.Api;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol;
using Splade.Node.Metrics;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Handlers.Indices;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Documents;

/// <summary>One bulk request on its way: collects operations, writes them in batches in their order, gathers the items of the answer.</summary>
internal sealed class BulkRun : IDisposable
{
    /// <summary>Source bytes of a batch. Small enough for memory, large enough for the encoder to fill its batches.</summary>
    private const int BatchBytes = 4 * 1024 * 1024;

    private const int BatchOperations = 10_000;

    /// <summary>An answer is up to ten times as long as the shortest requests.</summary>
    private const int MaxOperations = 500_000;

    private readonly ISearchCluster _cluster;
    private readonly RefreshPolicy _refresh;
    private readonly TimeSpan _timeout;
    private readonly RestMetrics _metrics;
    private readonly CancellationToken _cancellation;
    private readonly List<Entry> _batch = [];
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly WriteOrder _order = new();
    private readonly PooledBuffer _items = new(64 * 1024);
    private readonly Utf8JsonWriter _json;
    private int _batchBytes;
    private int _operations;
    private int _writtenUpToLine;
    private int _batchesWritten;

    public BulkRun(ISearchCluster cluster, RefreshPolicy refresh, TimeSpan timeout, RestMetrics metrics, CancellationToken cancellation)
    {
        (_cluster, _refresh, _timeout, _metrics, _cancellation) = (cluster, refresh, timeout, metrics, cancellation);
        _json = new Utf8JsonWriter(_items, ResponseWriter.JsonOptions(indented: false));
        _json.WriteStartArray();
    }

    /// <summary>Some item failed.</summary>
    public bool Errors { get; private set; }

    /// <summary>Those of the batch that can be carried out.</summary>
    private IEnumerable<Entry> Open => _batch.Where(e => e.Operation is not null && e.Error is null);

    /// <summary>The array of items, once complete.</summary>
    public ReadOnlyMemory<byte> Items => _items.Written;

    /// <param name="source">The source line, in memory that the caller reuses; null for one that is too long.</param>
    public async ValueTask AddAsync(BulkAction action, int line, ReadOnlyMemory<byte>? source)
    {
        if (++_operations > MaxOperations)
        {
            throw new RestException(new RestError(
                413, "content_too_large_exception", $"the bulk request holds more than [{MaxOperations}] operations: send it in parts"));
        }

        _batch.Add(Prepare(action, line, source));
        _batchBytes += source?.Length ?? 0;
        if (_batchBytes >= BatchBytes || _batch.Count >= BatchOperations)
        {
            await WriteBatchAsync(last: false).ConfigureAwait(false);
        }
    }

    public async Task CompleteAsync()
    {
        if (_operations == 0)
        {
            throw RestErrors.Validation("no requests added");
        }

        await WriteBatchAsync(last: true).ConfigureAwait(false);
        _json.WriteEndArray();
        await _json.FlushAsync(_cancellation).ConfigureAwait(false);
    }

    /// <summary>The error that ends the request, with what had been written before it.</summary>
    public RestException Abort(RestException e) => _batchesWritten == 0
        ? e
        : new RestException(e.Error with
        {
            Reason = $"{e.Error.Reason} (operations up to line [{_writtenUpToLine}] were carried out, later ones were not)",
        });

    public void Dispose()
    {
        _json.Dispose();
        _items.Dispose();
    }

    /// <summary>Checks one operation by itself: what is wrong with it becomes its item's error and touches no other.</summary>
    private static Entry Prepare(BulkAction action, int line, ReadOnlyMemory<byte>? sent)
    {
        try
        {
            var source = sent ?? throw new RestException(new RestError(
                413, "content_too_large_exception", $"the source line is longer than [{IngestOptions.LargestDocument}] bytes: split the document into smaller ones"));
            IndexName.Check(action.Index);
            WriteOptions.CheckAlias(action.Index, action.RequireAlias);
            if (action.Id is not null)
            {
                WriteOptions.CheckId(action.Id);
            }

            var condition = WriteOptions.Condition(action.Id ?? "", action.IfSeqNo, action.IfPrimaryTerm);
            if (condition is not null && action.Kind == WriteKind.Create)
            {
                throw RestErrors.Validation("create operations do not support compare and set. use index instead");
            }

            ReadOnlyMemory<byte> bytes = source.ToArray();
            if (action.Kind == WriteKind.Update)
            {
                bytes = UpdateBody.Parse(bytes).Bytes;
            }
            else if (action.HasSource)
            {
                JsonBody.CheckDocument(bytes.Span);
            }

            return new Entry(action, line, new WriteOperation(action.Kind, action.Index, action.Id, bytes)
            {
                IfSeqNo = condition, RetryOnConflict = action.RetryOnConflict,
            });
        }
        catch (RestException e)
        {
            return new Entry(action, line, null) { Error = e.Error };
        }
    }

    private async Task WriteBatchAsync(bool last)
    {
        ForbidWhatFollowsRefused();
        var operations = Open.Select(e => e.Operation!).ToImmutableArray();
        var single = last && _batchesWritten == 0;
        await WriteOperationsAsync(operations, single ? _refresh : RefreshPolicy.None).ConfigureAwait(false);
        if (last && !single && _refresh != RefreshPolicy.None)
        {
            // One refresh for all batches instead of one each.
            var indices = _cluster.Catalog.Indices.Where(i => _touched.Contains(i.Name)).ToImmutableArray();
            var refreshed = await _cluster.RefreshAsync(indices, _cancellation).ConfigureAwait(false);
            if (!refreshed.Failures.IsEmpty)
            {
                var (shard, error) = refreshed.Failures[0];
                throw new RestException(RestErrors.Of(error) with
                {
                    Reason = $"[{shard.DisplayName}] the documents are written, but the shard did not refresh: {error.Reason}",
                });
            }
        }

        foreach (var entry in _batch)
        {
            WriteItem(entry);
        }

        _writtenUpToLine = _batch.Count > 0 ? _batch[^1].Line : _writtenUpToLine;
        _batchesWritten++;
        _batch.Clear();
        _batchBytes = 0;
    }

    private void ForbidWhatFollowsRefused()
    {
        foreach (var entry in Open.Where(e => e.Action.Id is not null))
        {
            if (_order.Forbids(entry.Action.Index, entry.Action.Id!) is { } refused)
            {
                entry.Error = RestErrors.Of(refused);
            }
        }
    }

    private async Task WriteOperationsAsync(ImmutableArray<WriteOperation> operations, RefreshPolicy refresh)
    {
        if (operations.IsEmpty)
        {
            return;
        }

        var entries = Open.ToArray();
        try
        {
            var results = await _cluster.WriteAsync(operations, refresh, _timeout, _cancellation).ConfigureAwait(false);
            foreach (var (entry, result) in entries.Zip(results))
            {
                entry.Result = result;
                _touched.Add(result.Index);
                Remember(entry, result.Error);
            }
        }
        catch (SearchClusterException e)
        {
            // Earlier batches are written and later ones may be: the failure belongs to these items.
            foreach (var entry in entries)
            {
                entry.Error = RestErrors.Of(e.Error);
                Remember(entry, e.Error);
            }
        }
    }

    private void Remember(Entry entry, ErrorInfo? error)
    {
        if (error is not null && entry.Action.Id is { } id)
        {
            _order.Failed(entry.Action.Index, id, error);
        }
    }

    private void WriteItem(Entry entry)
    {
        var error = entry.Error ?? (entry.Result!.Error is { } failed ? RestErrors.Of(failed) : null);
        _metrics.BulkOperation(error?.Status ?? entry.Result!.Status);
        if (error is not null)
        {
            Errors = true;
            WriteJson.WriteFailedItem(_json, entry.Action.Name, entry.Action.Index, entry.Action.Id, error);
        }
        else
        {
            WriteJson.WriteItem(_json, entry.Action.Name, entry.Result!, _cluster.Catalog, _refresh == RefreshPolicy.Immediate);
        }
    }

    /// <param name="Operation">Null for one that was refused before it was sent.</param>
    private sealed record Entry(BulkAction Action, int Line, WriteOperation? Operation)
    {
        public WriteResult? Result { get; set; }

        public RestError? Error { get; set; }
    }
}
