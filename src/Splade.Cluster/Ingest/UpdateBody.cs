using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splade.Cluster.Ingest;

/// <summary>The body of an update, applied to a document.</summary>
internal sealed record UpdateBody(JsonObject? Doc, JsonObject? Upsert, bool DocAsUpsert, bool DetectNoop)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Letters of all languages stay as they are; nothing of this goes into HTML.</summary>
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Known = ["doc", "upsert", "doc_as_upsert", "detect_noop"];

    /// <exception cref="Api.SearchClusterException">The body is malformed; the message names the key.</exception>
    public static UpdateBody Parse(ReadOnlyMemory<byte> body)
    {
        JsonObject json;
        try
        {
            json = JsonNode.Parse(body.Span, null, Strict) as JsonObject
                ?? throw Errors.IllegalArgument("an update must be a JSON object with [doc]");
            var unknown = json.FirstOrDefault(p => !Known.Contains(p.Key)).Key;
            if (unknown is not null)
            {
                throw Errors.Of("x_content_parse_exception", $"[UpdateRequest] unknown field [{unknown}]: known are [{string.Join(", ", Known)}]", 400);
            }
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw Errors.Of("x_content_parse_exception", $"the update is no valid JSON: {exception.Message}", 400);
        }

        var update = new UpdateBody(Object("doc"), Object("upsert"), Flag("doc_as_upsert", false), Flag("detect_noop", true));
        return update.Doc is null && update.Upsert is null
            ? throw Errors.Of("action_request_validation_exception", "Validation Failed: 1: script or doc is missing;", 400)
            : update;

        JsonObject? Object(string key) => json[key] switch
        {
            null => null,
            JsonObject value => value,
            _ => throw Errors.IllegalArgument($"[{key}] of an update must be an object"),
        };

        bool Flag(string key, bool absent) => json[key] switch
        {
            null => absent,
            JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
            _ => throw Errors.IllegalArgument($"[{key}] of an update must be true or false"),
        };
    }

    /// <summary>A document that the update brings with it.</summary>
    public static byte[] ToBytes(JsonObject document) => JsonSerializer.SerializeToUtf8Bytes(document, Plain);

    /// <summary>The new source; null when nothing changes and the update detects that.</summary>
    public byte[]? Apply(ReadOnlyMemory<byte> source)
    {
        var document = (JsonObject)JsonNode.Parse(source.Span)!;
        var changed = Doc is not null && Merge(document, Doc);
        return changed || !DetectNoop ? ToBytes(document) : null;
    }

    /// <summary>Objects are merged, all else is replaced. True when anything changed.</summary>
    private static bool Merge(JsonObject target, JsonObject changes)
    {
        var changed = false;
        foreach (var (name, value) in changes)
        {
            if (value is JsonObject inner && target[name] is JsonObject existing)
            {
                changed |= Merge(existing, inner);
            }
            else if (!target.ContainsKey(name) || !JsonNode.DeepEquals(target[name], value))
            {
                target[name] = value?.DeepClone();
                changed = true;
            }
        }

        return changed;
    }
}
