using System.Text.Json;
using System.Text.Unicode;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Json;

/// <summary>A request body as JSON: strict (UTF-8, no duplicate names, no comments, nothing behind the value) and of limited depth.</summary>
internal sealed class JsonBody
{
    /// <summary>Deepest nesting of arrays and objects that is read; what the engine parses has the same limit.</summary>
    public const int MaxDepth = 64;

    /// <summary>Longest JSON that is read into parts.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>Bytes of parts that a byte of JSON becomes, about: the shortest value takes two of one and a hundred of the other.</summary>
    public const int Weight = 32;

    private JsonBody(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    public ReadOnlyMemory<byte> Bytes { get; }

    private static JsonReaderOptions ReaderOptions => new() { MaxDepth = MaxDepth };

    /// <exception cref="RestException">The bytes are no JSON value.</exception>
    public static JsonPart Parse(ReadOnlyMemory<byte> bytes)
    {
        RequireUtf8(bytes.Span);
        var body = new JsonBody(bytes);
        try
        {
            var reader = new Utf8JsonReader(bytes.Span, ReaderOptions);
            reader.Read();
            var root = body.Read(ref reader);
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }
        catch (InvalidOperationException e)
        {
            // An escaped lone surrogate: no text in any encoding.
            throw new RestException(new RestError(400, "x_content_parse_exception", "the JSON holds a string that is no valid Unicode: " + e.Message), e);
        }
    }

    /// <summary>As <see cref="Parse"/>, for a value that must be an object.</summary>
    public static JsonPart ParseObject(ReadOnlyMemory<byte> bytes, string owner)
    {
        var root = Parse(bytes);
        return root.IsObject ? root : throw root.Error($"[{owner}] must be a JSON object");
    }

    /// <summary>Checks that the bytes are one JSON object, without building anything.</summary>
    /// <exception cref="RestException">They are not.</exception>
    public static void CheckDocument(ReadOnlySpan<byte> bytes)
    {
        RequireUtf8(bytes);
        try
        {
            var reader = new Utf8JsonReader(bytes, ReaderOptions);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw RestErrors.Parsing("failed to parse: the document is no JSON object", 1, 1, "document_parsing_exception");
            }

            while (reader.Read())
            {
            }
        }
        catch (JsonException e)
        {
            throw Malformed(e, "document_parsing_exception");
        }
    }

    /// <summary>Line and column, both from 1, of a byte.</summary>
    public (int Line, int Column) Position(int offset)
    {
        var before = Bytes.Span[..offset];
        return (before.Count((byte)'\n') + 1, offset - before.LastIndexOf((byte)'\n'));
    }

    private static void RequireUtf8(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw new RestException(new RestError(400, "x_content_parse_exception", "the request body is not valid UTF-8"));
        }
    }

    private static RestException Malformed(JsonException e, string type = "x_content_parse_exception")
    {
        var line = (int)(e.LineNumber ?? 0) + 1;
        var column = (int)(e.BytePositionInLine ?? 0) + 1;
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return RestErrors.Parsing($"[{line}:{column}] {(end < 0 ? e.Message : e.Message[..end])}", line, column, type);
    }

    private JsonPart Read(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        var part = reader.TokenType switch
        {
            JsonTokenType.StartObject => new JsonPart(this, JsonValueKind.Object, start),
            JsonTokenType.StartArray => new JsonPart(this, JsonValueKind.Array, start),
            JsonTokenType.String => new JsonPart(this, JsonValueKind.String, start) { Text = reader.GetString() },
            JsonTokenType.Number => new JsonPart(this, JsonValueKind.Number, start) { Text = System.Text.Encoding.ASCII.GetString(reader.ValueSpan) },
            JsonTokenType.True => new JsonPart(this, JsonValueKind.True, start),
            JsonTokenType.False => new JsonPart(this, JsonValueKind.False, start),
            _ => new JsonPart(this, JsonValueKind.Null, start),
        };
        if (part.Kind == JsonValueKind.Object)
        {
            ReadMembers(ref reader, part);
        }
        else if (part.Kind == JsonValueKind.Array)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                part.Add(Read(ref reader));
            }
        }

        part.End = (int)reader.BytesConsumed;
        return part;
    }

    private void ReadMembers(ref Utf8JsonReader reader, JsonPart part)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var start = (int)reader.TokenStartIndex;
            var name = reader.GetString()!;
            if (!names.Add(name))
            {
                var (line, column) = Position(start);
                throw RestErrors.Parsing($"[{line}:{column}] Duplicate field '{name}'", line, column, "x_content_parse_exception");
            }

            reader.Read();
            part.Add(new JsonMember(name, Read(ref reader), start));
        }
    }
}
