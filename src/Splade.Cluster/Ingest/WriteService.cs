using System.Collections.Immutable;
using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Encoding;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Shards;
using Splade.Encoding.Packages;

namespace Splade.Cluster.Ingest;

/// <summary>
/// The write path of a coordinator: map, encode, route, journal. Runs of plain writes go together; updates, which read first, go in runs of
/// distinct ids, so that operations on one id keep their order. What is guaranteed is in the README of this project.
/// </summary>
internal sealed class WriteService(
    CatalogClient catalog, ICatalogView view, EncodingClient encoding, ShardWriter writer, ShardReader reader, ShardMaintenance maintenance, IngestOptions options, TimeProvider time)
{
    private long _bytesInFlight;

    public async Task<ImmutableArray<WriteResult>> WriteAsync(
        ImmutableArray<WriteOperation> operations, RefreshPolicy refresh, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var bytes = operations.Sum(o => (long)o.Source.Length);
        if (Interlocked.Add(ref _bytesInFlight, bytes) > options.MaxBytesInFlight && bytes < Interlocked.Read(ref _bytesInFlight))
        {
            Interlocked.Add(ref _bytesInFlight, -bytes);
            var refusal = Errors.Overloaded($"more than {options.MaxBytesInFlight} bytes of documents are being written: send less at a time, and try again").Error;
            return [.. operations.Select(o => new WriteResult(o.Index, o.Id ?? "", null, refusal.Status, 0, 0, refusal))];
        }

        try
        {
            var items = operations.Select(o => new WriteItem(o, time)).ToArray();
            var deadline = time.GetUtcNow() + timeout;
            var order = new WriteOrder();
            foreach (var run in Runs(items))
            {
                KeepOrder(run, order);
                await WriteRunAsync(run, order, deadline, cancellationToken).ConfigureAwait(false);
            }

            if (refresh != RefreshPolicy.None)
            {
                await RefreshAsync([.. items.Where(i => i.Shard is not null && i.Error is null).Select(i => i.Shard!).Distinct()], cancellationToken).ConfigureAwait(false);
            }

            return [.. items.Select(i => i.ToResult())];
        }
        finally
        {
            Interlocked.Add(ref _bytesInFlight, -bytes);
        }
    }

    private static IEnumerable<List<WriteItem>> Runs(IEnumerable<WriteItem> items)
    {
        var run = new List<WriteItem>();
        var ids = new HashSet<(string, string)>();
        foreach (var item in items)
        {
            var isUpdate = item.Operation.Kind == WriteKind.Update;
            var repeats = !ids.Add((item.Operation.Index, item.Id));
            if (run.Count > 0 && (isUpdate != (run[0].Operation.Kind == WriteKind.Update) || (isUpdate && repeats)))
            {
                yield return run;
                run = [];
                ids = [(item.Operation.Index, item.Id)];
            }

            run.Add(item);
        }

        if (run.Count > 0)
        {
            yield return run;
        }
    }

    /// <summary>Refuses what follows a refused write on its document.</summary>
    private static void KeepOrder(IEnumerable<WriteItem> items, WriteOrder order)
    {
        foreach (var item in items)
        {
            item.Error ??= order.Forbids(item.Operation.Index, item.Id);
            Remember(item, order);
        }
    }

    private static void Remember(WriteItem item, WriteOrder order)
    {
        if (item.Error is { } error)
        {
            order.Failed(item.Operation.Index, item.Id, error);
        }
    }

    private async Task WriteRunAsync(List<WriteItem> run, WriteOrder order, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        foreach (var group in run.Where(i => i.Error is null).GroupBy(i => i.Operation.Index, StringComparer.Ordinal))
        {
            var items = group.ToList();
            try
            {
                var index = await ResolveAsync(items, cancellationToken).ConfigureAwait(false);
                if (index is null)
                {
                    continue;
                }

                if (items[0].Operation.Kind == WriteKind.Update)
                {
                    await UpdateAsync(index, items, order, deadline, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    items.ForEach(i => i.Source = i.Operation.Source);
                    await IndexAsync(index, items, order, deadline, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (SearchClusterException failure)
            {
                items.Where(i => i.Outcome is null).ToList().ForEach(i => i.Error ??= failure.Error);
            }

            items.ForEach(i => Remember(i, order));
        }
    }

    /// <summary>The index to write to, created where it is missing and may be; null when every item has failed.</summary>
    private async Task<IndexMetadata?> ResolveAsync(List<WriteItem> items, CancellationToken cancellationToken)
    {
        var name = items[0].Operation.Index;
        if (view.Current.Indices.FirstOrDefault(i => i.Name == name) is { } index)
        {
            return index;
        }

        foreach (var item in items.Where(i => i.Operation.RequireIndex || i.Operation.Kind == WriteKind.Delete))
        {
            item.Error = Errors.NoSuchIndex(name).Error;
        }

        items.RemoveAll(i => i.Error is not null);
        return items.Count == 0 ? null : await catalog.CreateMissingAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private async Task UpdateAsync(IndexMetadata index, List<WriteItem> items, WriteOrder order, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        for (var open = items; open.Count > 0;)
        {
            var documents = await reader.GetAsync(index, [.. open.Select(i => i.Id)], deadline, null, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < open.Count; i++)
            {
                open[i].PrepareUpdate(documents[i]);
            }

            var writing = open.Where(i => i.Error is null && i.Outcome is null).ToList();
            await IndexAsync(index, writing, order, deadline, cancellationToken).ConfigureAwait(false);
            open = writing.Where(i => i.TakeRetry()).ToList();
        }
    }

    private async Task IndexAsync(IndexMetadata index, List<WriteItem> items, WriteOrder order, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        index = await MapAsync(index, items, cancellationToken).ConfigureAwait(false);
        await EncodeAsync(index, items, deadline, cancellationToken).ConfigureAwait(false);
        KeepOrder(items, order);
        foreach (var item in items.Where(i => i.Error is null))
        {
            item.CheckSize();
        }

        var shards = items.Where(i => i.Error is null).GroupBy(i => i.Shard = SlotRouter.Locate(index, i.Id));
        await Task.WhenAll(shards.Select(async shard =>
        {
            var ordered = shard.ToList();
            var results = await writer.WriteAsync(shard.Key!, [.. ordered.Select(i => i.ToShardOperation())], deadline, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < ordered.Count; i++)
            {
                (ordered[i].Outcome, ordered[i].Error) = results[i];
            }
        })).ConfigureAwait(false);
    }

    /// <summary>Maps all documents with a mapping that grows with them, then makes the new fields known, once.</summary>
    private async Task<IndexMetadata> MapAsync(IndexMetadata index, List<WriteItem> items, CancellationToken cancellationToken)
    {
        while (true)
        {
            var mapping = index.Mapping;
            foreach (var item in items.Where(i => i.Error is null && i.Operation.Kind != WriteKind.Delete))
            {
                mapping = item.Map(mapping, options.MaxDocumentBytes);
            }

            if (ReferenceEquals(mapping, index.Mapping))
            {
                return index;
            }

            try
            {
                return await catalog.ExtendMappingAsync(index, mapping, cancellationToken).ConfigureAwait(false);
            }
            catch (SearchClusterException conflict) when (conflict.Error.Status == 400)
            {
                // Another writer made one of the fields of another type meanwhile: map again with what is there now.
                var current = view.Current.Indices.FirstOrDefault(i => i.Uuid == index.Uuid);
                if (current is null || current.Version == index.Version)
                {
                    throw;
                }

                index = current;
            }
        }
    }

    private async Task EncodeAsync(IndexMetadata index, List<WriteItem> items, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var texts = items.Where(i => i.Error is null).SelectMany(i => i.Texts.Select(t => (Item: i, Text: t))).ToList();
        if (texts.Count == 0)
        {
            return;
        }

        var encoded = await encoding.EncodeDocumentsAsync([.. texts.Select(t => (t.Text.Model, t.Text.Settings, t.Text.Text))], deadline).ConfigureAwait(false);
        index = await SetVectorSpacesAsync(index, texts.Select((t, i) => (t.Text.Field, encoded[i])), cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < texts.Count; i++)
        {
            texts[i].Item.AddVector(index, texts[i].Text, encoded[i]);
        }
    }

    /// <summary>Makes known in which vector space a field's first documents are, before they are written.</summary>
    private async Task<IndexMetadata> SetVectorSpacesAsync(
        IndexMetadata index, IEnumerable<(string Field, EncodedDocument Document)> encoded, CancellationToken cancellationToken)
    {
        var spaces = encoded.Where(e => e.Document.Fingerprint.Length > 0).DistinctBy(e => e.Field)
            .ToDictionary(e => e.Field, e => ModelFingerprint.VectorSpaceOf(e.Document.Fingerprint), StringComparer.Ordinal);
        var mapping = VectorSpaces.Set(index.Mapping, spaces);
        return ReferenceEquals(mapping, index.Mapping) ? index : await catalog.ExtendMappingAsync(index, mapping, cancellationToken).ConfigureAwait(false);
    }

    private Task RefreshAsync(IReadOnlyList<ShardId> shards, CancellationToken cancellationToken) => Task.WhenAll(shards.Select(async shard =>
    {
        if (await maintenance.RunAsync(new RefreshShard(shard, Guid.NewGuid()), cancellationToken).ConfigureAwait(false) is { } error)
        {
            throw new SearchClusterException(error with { Reason = $"[{shard.DisplayName}] the documents are written, but the shard did not refresh: {error.Reason}" });
        }
    }));
}
