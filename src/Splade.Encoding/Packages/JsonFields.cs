using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>Fields of settings files; null for one that is absent, null or of another kind.</summary>
internal static class JsonFields
{
    public static bool? Flag(JsonElement? json, string name) =>
        Value(json, name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    public static int? Number(JsonElement? json, string name) =>
        Value(json, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : null;

    public static string? Text(JsonElement? json, string name) =>
        Value(json, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A special token: its text, or an object with the text as <c>content</c>.</summary>
    public static string? Token(JsonElement? json, string name) => Text(json, name) ?? Text(Value(json, name), "content");

    private static JsonElement? Value(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) ? value : null;
}
