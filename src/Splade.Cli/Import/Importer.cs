using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Cli.Client;
using Splade.Evaluation;

namespace Splade.Cli.Import;

/// <summary>
/// Loads a collection through the REST API with bounded memory. Documents are written under their own ids, so a second run over the same file
/// changes nothing; with resume it skips what is there. Bulk actions keep their order, because several of them may be about one document.
/// Requests are as large as the node can answer soon; what it can't take is sent again.
/// </summary>
internal sealed class Importer(SpladeClient client, string index, ImportSettings settings, TimeProvider time, Action<ImportProgress> report)
{
    private readonly RequestSize _size = new(settings.BatchBytes);

    /// <summary>Reasons that are told apart; a collection may have another one in every line.</summary>
    private const int MaxReasons = 1000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Count, string First)> _reasons = new(StringComparer.Ordinal);
    private long _bytesRead;
    private long _succeeded;
    private long _failed;
    private long _skipped;
    private string? _trouble;

    private string BulkPath { get; } = string.Create(CultureInfo.InvariantCulture, $"/{Uri.EscapeDataString(index)}/_bulk?timeout={settings.RequestTimeout.TotalMilliseconds:0}ms");

    private string IndexPath => "/" + Uri.EscapeDataString(index);

    /// <summary>The file with the documents.</summary>
    /// <param name="path">A BEIR folder, a corpus.jsonl, or bulk NDJSON; gzipped or not.</param>
    /// <exception cref="CliException">There is none.</exception>
    public static string FileOf(string path) =>
        Directory.Exists(path) ? new BeirFolder(path).CorpusPath : TextFiles.Find(path) ?? throw new CliException($"There is no file or folder {path}.");

    public async Task<ImportSummary> RunAsync(string file, CancellationToken cancellationToken)
    {
        await CreateIndexAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await LoadAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NoAnswerException or NodeRefusedException)
        {
            throw new CliException($"The import stopped after {_succeeded + _skipped} documents; start it again with --resume. {exception.Message}", exception);
        }

        return new ImportSummary(_succeeded, _failed, _skipped, _reasons);
    }

    private async Task LoadAsync(string file, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(
            DocumentFile.Batches(file, () => _size.Bytes),
            new ParallelOptions { MaxDegreeOfParallelism = DocumentFile.IsBulk(file) ? 1 : settings.Parallel, CancellationToken = cancellationToken },
            async (batch, token) => await LoadAsync(batch, token).ConfigureAwait(false)).ConfigureAwait(false);
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
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

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        for (var (retry, pause) = (0, FirstPause); ; retry++, pause *= 2)
        {
            var answer = await client.SendAsync(HttpMethod.Post, IndexPath + "/_refresh", null, "application/json", cancellationToken).ConfigureAwait(false);
            if ((int)answer["_shards"]!["failed"]! == 0)
            {
                return;
            }

            if (retry >= settings.Retries)
            {
                throw new CliException($"The documents are written, but not all of them are searchable yet: {answer["_shards"]!.ToJsonString()}");
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task LoadAsync(DocumentBatch batch, CancellationToken cancellationToken)
    {
        var documents = settings.Resume ? await WithoutExistingAsync(batch.Documents, cancellationToken).ConfigureAwait(false) : batch.Documents;
        foreach (var (line, reason) in batch.Unreadable)
        {
            Count(0, (reason, $"line {line}"));
        }

        lock (_lock)
        {
            _skipped += batch.Documents.Count - documents.Count;
        }

        for (var (open, retry) = (documents, 0); open.Count > 0;)
        {
            var part = FirstOf(open);
            var start = time.GetTimestamp();
            var left = await WriteAsync(part, mayRetry: retry < settings.Retries, cancellationToken).ConfigureAwait(false);
            _size.Learn(part.Sum(d => d.Length), time.GetElapsedTime(start), refused: left.Count > 0);

            // A slow encoder gets through a part of a request before its deadline: as long as it gets on, it is not given up.
            retry = left.Count < part.Count ? 0 : retry + 1;
            open = [.. left, .. open.Skip(part.Count)];
            if (left.Count > 0)
            {
                Report(0);
                await Task.Delay(FirstPause * Math.Pow(2, Math.Max(0, retry - 1)), time, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                _trouble = null;
                Report(0);
            }
        }

        Report(batch.BytesRead);
    }

    private IReadOnlyList<BulkDocument> FirstOf(IReadOnlyList<BulkDocument> documents)
    {
        var (count, room) = (0, _size.Bytes);
        while (count < documents.Count && room > 0)
        {
            room -= documents[count++].Length;
        }

        return count == documents.Count ? documents : [.. documents.Take(count)];
    }

    private void Report(long bytesRead)
    {
        lock (_lock)
        {
            _bytesRead = Math.Max(_bytesRead, bytesRead);
            report(new ImportProgress(_bytesRead, _succeeded, _failed, _skipped, _trouble));
        }
    }

    /// <returns>Documents that the node could not take now: it is overloaded, or a shard has no leader at the moment.</returns>
    private async Task<IReadOnlyList<BulkDocument>> WriteAsync(IReadOnlyList<BulkDocument> documents, bool mayRetry, CancellationToken cancellationToken)
    {
        JsonNode answer;
        try
        {
            answer = await client.SendOnceAsync(HttpMethod.Post, BulkPath, DocumentFile.ToBulk(documents), "application/x-ndjson", cancellationToken).ConfigureAwait(false);
        }
        catch (NoAnswerException silence) when (mayRetry && documents.All(d => d.MayBeRepeated))
        {
            // A node that restarts is back in moments.
            _trouble = silence.Message;
            return [.. documents.Select(d => d with { WasSent = true })];
        }
        catch (NodeRefusedException refusal) when (mayRetry && refusal.StatusCode is { } status && IsBusy((int)status))
        {
            _trouble = refusal.Message;
            return documents;
        }
        catch (NodeRefusedException refusal) when (refusal.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
        {
            // One action that can't be read refuses them all: halves find it.
            if (documents.Count == 1)
            {
                Count(0, (refusal.Message, $"id {documents[0].Id ?? "none"}"));
                return [];
            }

            // What follows a refused action may be about the same document: it waits.
            var half = documents.Count / 2;
            var left = await WriteAsync([.. documents.Take(half)], mayRetry, cancellationToken).ConfigureAwait(false);
            var rest = documents.Skip(half).ToArray();
            return left.Count > 0 ? [.. left, .. rest] : await WriteAsync(rest, mayRetry, cancellationToken).ConfigureAwait(false);
        }

        return await CountAsync(documents, answer["items"]!.AsArray(), mayRetry, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Documents to send again.</returns>
    private async Task<IReadOnlyList<BulkDocument>> CountAsync(
        IReadOnlyList<BulkDocument> documents, JsonArray items, bool mayRetry, CancellationToken cancellationToken)
    {
        var again = new List<BulkDocument>();
        foreach (var (document, item) in documents.Zip(items))
        {
            var result = item!.AsObject().First().Value!;
            if (result["error"] is not { } error)
            {
                Count(1, null);
            }
            else if (mayRetry && IsBusy((int)result["status"]!))
            {
                _trouble = (string?)error["reason"];
                again.Add(document with { WasSent = true });
            }
            else if (document.WasSent && (int)result["status"]! == 409 && await IsStoredAsync((string)result["_id"]!, document, cancellationToken).ConfigureAwait(false))
            {
                // The answer to the first time was lost.
                Count(1, null);
            }
            else
            {
                // Documents name themselves in their errors: without the id, equal reasons are counted together.
                var id = (string?)result["_id"] ?? "";
                var reason = $"{(string?)error["type"]}: {(string?)error["reason"]}"
                    .Replace($"[{id}]", "[...]", StringComparison.Ordinal).Replace($"'{id}'", "'...'", StringComparison.Ordinal);
                Count(0, (reason, $"id {id}"));
            }
        }

        return again;
    }

    private async Task<bool> IsStoredAsync(string id, BulkDocument document, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(IndexPath + "/_mget", new JsonObject { ["ids"] = new JsonArray(id) }, cancellationToken).ConfigureAwait(false);
        return document.Source is not null && JsonNode.DeepEquals(answer["docs"]![0]!["_source"], JsonNode.Parse(document.Source));
    }

    /// <summary>The node may do later what it did not do now.</summary>
    private static bool IsBusy(int status) => status is 408 or 429 or 502 or 503 or 504;

    private void Count(int succeeded, (string Reason, string Place)? failure)
    {
        lock (_lock)
        {
            _succeeded += succeeded;
            if (failure is not var (reason, place))
            {
                return;
            }

            _failed++;
            reason = _reasons.Count < MaxReasons || _reasons.ContainsKey(reason) ? reason : "other reasons";
            _reasons[reason] = _reasons.TryGetValue(reason, out var known) ? (known.Count + 1, known.First) : (1, place);
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
