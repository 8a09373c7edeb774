using System.Text.Json;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Documents;

/// <summary>The body of an update, checked.</summary>
/// <param name="Bytes">What the cluster gets: <c>doc</c>, <c>upsert</c>, <c>doc_as_upsert</c>, <c>detect_noop</c>.</param>
/// <param name="Source">What of the updated document the answer is to show; null for nothing.</param>
internal sealed record UpdateBody(ReadOnlyMemory<byte> Bytes, SourceFilter? Source)
{
    private static readonly string[] Known = ["doc", "upsert", "doc_as_upsert", "detect_noop", "_source"];

    public static UpdateBody Parse(ReadOnlyMemory<byte> bytes)
    {
        var root = JsonBody.ParseObject(bytes, "update");
        foreach (var member in root.Members)
        {
            if (member.Name is "script" or "scripted_upsert")
            {
                throw member.Value.Error($"[UpdateRequest] [{member.Name}] is not supported: send a partial document as [doc]", "illegal_argument_exception");
            }

            if (!Known.Contains(member.Name))
            {
                throw root.Unknown("UpdateRequest", member, Known);
            }

            if (member.Name is "doc" or "upsert" && !member.Value.IsObject)
            {
                throw member.Value.Error($"[UpdateRequest] [{member.Name}] must be an object", "x_content_parse_exception");
            }

            if (member.Name is "doc_as_upsert" or "detect_noop")
            {
                member.Value.AsBoolean(member.Name);
            }
        }

        if (root["doc"] is null)
        {
            throw RestErrors.Validation(
                root["doc_as_upsert"] is null ? "script or doc is missing" : "doc must be specified if doc_as_upsert is enabled");
        }

        return root["_source"] is { } source
            ? new UpdateBody(Without(root, "_source"), SourceFilter.Parse(source))
            : new UpdateBody(bytes, null);
    }

    private static byte[] Without(JsonPart root, string name)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var member in root.Members.Where(m => m.Name != name))
            {
                json.WritePropertyName(member.Name);
                json.WriteRawValue(member.Value.Raw.Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
