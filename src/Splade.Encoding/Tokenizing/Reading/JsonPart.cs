using System.Text.Json;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>A part of a tokenizer file with its path in it, for errors that say where.</summary>
internal readonly record struct JsonPart(JsonElement Json, string Path)
{
    public string? Type => Text("type");

    public bool IsObject => Json.ValueKind == JsonValueKind.Object;

    /// <summary>A field that is there and not null.</summary>
    public JsonPart? Part(string name) =>
        IsObject && Json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? new JsonPart(value, $"{Path}.{name}") : null;

    public string? Text(string name) => Part(name) is not { } part ? null
        : part.Json.ValueKind == JsonValueKind.String ? part.Json.GetString()
        : throw part.Error("Expected a string.");

    public bool Flag(string name, bool otherwise = false) => OptionalFlag(name) ?? otherwise;

    public bool? OptionalFlag(string name) => Part(name) is not { } part ? null
        : part.Json.ValueKind is JsonValueKind.True or JsonValueKind.False ? part.Json.GetBoolean()
        : throw part.Error("Expected true or false.");

    public int? Number(string name) => Part(name) is not { } part ? null
        : part.Json.ValueKind == JsonValueKind.Number && part.Json.TryGetInt32(out var number) ? number
        : throw part.Error("Expected an integer.");

    /// <summary>The items of a field that is an array; none where it is absent.</summary>
    public IEnumerable<JsonPart> Items(string name) => Part(name) is { } part ? part.Items() : [];

    public IEnumerable<JsonPart> Items()
    {
        if (Json.ValueKind != JsonValueKind.Array)
        {
            throw Error("Expected an array.");
        }

        var path = Path;
        return Json.EnumerateArray().Select((item, i) => new JsonPart(item, $"{path}[{i}]"));
    }

    public string Required(string name) => Text(name) ?? throw Error($"The field [{name}] is missing.");

    public JsonPart RequiredPart(string name) => Part(name) ?? throw Error($"The field [{name}] is missing.");

    public ArgumentException Error(string message) => new($"{Path}: {message}");

    public ArgumentException Unsupported(string what) => Error($"The {what} [{Type ?? "none"}] is not supported.");
}
