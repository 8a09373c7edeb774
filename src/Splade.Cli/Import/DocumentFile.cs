using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Evaluation;

namespace Splade.Cli.Import;

/// <summary>One document or bulk action as it goes into a bulk request.</summary>
/// <param name="Id">Null where the file gives none.</param>
/// <param name="MayBeRepeated">Done twice it is as done once: sent again where it is not known whether it came.</param>
internal sealed record BulkDocument(string? Id, string Action, string? Source, bool MayBeRepeated)
{
    /// <summary>It was sent before, and perhaps carried out.</summary>
    public bool WasSent { get; init; }

    /// <summary>Characters, about as many bytes.</summary>
    public int Length => Action.Length + (Source?.Length ?? 0);
}

/// <param name="Unreadable">Lines that could not be read, with the reason.</param>
/// <param name="BytesRead">Place in the file after this batch.</param>
internal sealed record DocumentBatch(IReadOnlyList<BulkDocument> Documents, IReadOnlyList<(int Line, string Reason)> Unreadable, long BytesRead);

/// <summary>Reads corpus.jsonl (one document a line) and bulk NDJSON (action lines and sources), told apart by the first line.</summary>
internal static class DocumentFile
{
    private static readonly string[] Actions = ["index", "create", "update", "delete"];

    /// <summary>The file holds bulk actions, not documents.</summary>
    public static bool IsBulk(string path)
    {
        using var reader = new StreamReader(TextFiles.Open(path));
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                return IsAction(line);
            }
        }

        return false;
    }

    /// <param name="batchBytes">Asked again for each batch.</param>
    public static IEnumerable<DocumentBatch> Batches(string path, Func<int> batchBytes)
    {
        using var content = TextFiles.Open(path);
        using var reader = new StreamReader(content);
        var documents = new List<BulkDocument>();
        var unreadable = new List<(int, string)>();
        var bytes = 0;
        var number = 0;
        bool? isBulk = null;

        // Of the file itself, compressed or not: progress is measured by its size.
        var file = content is GZipStream zip ? zip.BaseStream : content;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            isBulk ??= IsAction(line);
            try
            {
                var document = isBulk.Value ? ReadAction(line, reader, ref number) : ReadDocument(line);
                documents.Add(document);
                bytes += document.Length;
            }
            catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
            {
                unreadable.Add((number, "unreadable line: " + exception.Message.Split(" LineNumber", 2)[0]));
            }

            if (bytes >= batchBytes())
            {
                yield return new DocumentBatch(documents, unreadable, file.Position);
                (documents, unreadable, bytes) = ([], [], 0);
            }
        }

        if (documents.Count > 0 || unreadable.Count > 0)
        {
            yield return new DocumentBatch(documents, unreadable, file.Position);
        }
    }

    public static byte[] ToBulk(IEnumerable<BulkDocument> documents)
    {
        using var body = new MemoryStream();
        using (var writer = new StreamWriter(body, leaveOpen: true) { NewLine = "\n" })
        {
            foreach (var document in documents)
            {
                writer.WriteLine(document.Action);
                if (document.Source is not null)
                {
                    writer.WriteLine(document.Source);
                }
            }
        }

        return body.ToArray();
    }

    private static bool IsAction(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject { Count: 1 } json && Actions.Contains(json.First().Key);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static BulkDocument ReadAction(string line, StreamReader reader, ref int number)
    {
        if (!IsAction(line))
        {
            throw new FormatException("expected a bulk action such as {\"index\":{\"_id\":\"1\"}}");
        }

        var action = JsonNode.Parse(line)!.AsObject().First();
        var source = action.Key == "delete" ? null : reader.ReadLine();
        if (source is null && action.Key != "delete")
        {
            throw new FormatException($"the action [{action.Key}] has no source line");
        }

        number += source is null ? 0 : 1;

        // The index is the one that the user named.
        (action.Value as JsonObject)?.Remove("_index");
        var id = action.Value?["_id"]?.ToString();
        var options = action.Value?.DeepClone() ?? new JsonObject();
        if (action.Key is "index" or "create" && id is null && options is JsonObject settings)
        {
            settings["_id"] = NewId();
        }

        // An update may have been followed by a delete, and what has a condition meets it once.
        var mayBeRepeated = action.Key != "update" && options["if_seq_no"] is null;
        return new BulkDocument(action.Key == "index" ? id : null, new JsonObject { [action.Key] = options }.ToJsonString(), source, mayBeRepeated);
    }

    private static BulkDocument ReadDocument(string line)
    {
        var json = JsonNode.Parse(line) as JsonObject ?? throw new FormatException("expected a JSON object");
        var id = (json["_id"] ?? json["id"])?.ToString();
        json.Remove("_id");
        json.Remove("metadata");
        var action = new JsonObject { ["index"] = new JsonObject { ["_id"] = id ?? NewId() } };
        return new BulkDocument(id, action.ToJsonString(), json.ToJsonString(), MayBeRepeated: true);
    }

    /// <summary>A document without an id gets one here, not at the node: sent again after a request without an answer, it is still one document.</summary>
    private static string NewId() => Guid.NewGuid().ToString("N");
}
