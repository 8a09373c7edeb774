using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Cli.Client;
using Splade.Evaluation;

namespace Splade.Cli.Import;

/// <summary>
/// Loads a collection through the REST API with bounded memory. Documents are written under their own ids, so a second run over the same file
/// changes nothing; with resume it skips what is there.
/// </summary>
internal sealed class Importer(SpladeClient client, string index, ImportSettings settings, Action<ImportProgress> report)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _reasons = new(StringComparer.Ordinal);
    private long _bytesTotal;
    private long _bytesRead;
    private long _succeeded;
    private long _failed;
    private long _skipped;

    private string IndexPath => "/" + Uri.EscapeDataString(index);

    /// <param name="path">A BEIR folder, a corpus.jsonl, or bulk NDJSON; gzipped or not.</param>
    public async Task<ImportSummary> RunAsync(string path, CancellationToken cancellationToken)
    {
        var file = Directory.Exists(path) ? new BeirFolder(path).CorpusPath : TextFiles.Find(path) ?? throw new CliException($"There is no file or folder {path}.");
        _bytesTotal = new FileInfo(file).Length;
        await CreateIndexAsync(cancellationToken).ConfigureAwait(false);
        await Parallel.ForEachAsync(
            DocumentFile.Batches(file, settings.BatchBytes),
            new ParallelOptions { MaxDegreeOfParallelism = settings.Parallel, CancellationToken = cancellationToken },
            async (batch, token) => await LoadAsync(batch, token).ConfigureAwait(false)).ConfigureAwait(false);
        await client.SendAsync(HttpMethod.Post, IndexPath + "/_refresh", null, "application/json", cancellationToken).ConfigureAwait(false);
        return new ImportSummary(_succeeded, _failed, _skipped, _reasons);
    }

    private async Task CreateIndexAsync(CancellationToken cancellationToken)
    {
        if (await client.IndexExistsAsync(index, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var body = JsonNode.Parse("""
            {"mappings":{"properties":{
              "title":{"type":"text","copy_to":["semantic"]},
              "text":{"type":"text","copy_to":["semantic"]},
              "semantic":{"type":"semantic_text"}}}}
            """)!;
        if (settings.Model is { } model)
        {
            body["mappings"]!["properties"]!["semantic"]!["inference_id"] = model;
        }

        await client.SendAsync(HttpMethod.Put, IndexPath, JsonSerializer.SerializeToUtf8Bytes(body), "application/json", cancellationToken).ConfigureAwait(false);
    }

    private async Task LoadAsync(DocumentBatch batch, CancellationToken cancellationToken)
    {
        var documents = settings.Resume ? await WithoutExistingAsync(batch.Documents, cancellationToken).ConfigureAwait(false) : batch.Documents;
        var answer = documents.Count == 0 ? null : await client.SendAsync(
            HttpMethod.Post, IndexPath + "/_bulk", DocumentFile.ToBulk(documents), "application/x-ndjson", cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            foreach (var (_, reason) in batch.Unreadable)
            {
                Fail(reason);
            }

            foreach (var item in answer?["items"]?.AsArray() ?? [])
            {
                var result = item!.AsObject().First().Value!;
                if (result["error"] is { } error)
                {
                    // Documents name themselves in their errors: without the id, equal reasons are counted together.
                    Fail($"{(string?)error["type"]}: {(string?)error["reason"]}".Replace((string?)result["_id"] ?? "\0", "...", StringComparison.Ordinal));
                }
                else
                {
                    _succeeded++;
                }
            }

            _skipped += batch.Documents.Count - documents.Count;
            _bytesRead = Math.Max(_bytesRead, batch.BytesRead);
            report(new ImportProgress(_bytesRead, _bytesTotal, _succeeded, _failed, _skipped));
        }

        void Fail(string reason)
        {
            _failed++;
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        }
    }

    private async Task<IReadOnlyList<BulkDocument>> WithoutExistingAsync(IReadOnlyList<BulkDocument> documents, CancellationToken cancellationToken)
    {
        var ids = new JsonArray([.. documents.Where(d => d.Id is not null).Select(d => (JsonNode)d.Id!)]);
        if (ids.Count == 0)
        {
            return documents;
        }

        var answer = await client.PostAsync(IndexPath + "/_mget?_source=false", new JsonObject { ["ids"] = ids }, cancellationToken).ConfigureAwait(false);
        var there = answer["docs"]!.AsArray().Where(d => (bool?)d!["found"] == true).Select(d => (string)d!["_id"]!).ToHashSet(StringComparer.Ordinal);
        return [.. documents.Where(d => d.Id is null || !there.Contains(d.Id))];
    }
}
