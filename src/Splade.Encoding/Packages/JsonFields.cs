using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>Fields of settings files; null for one that is absent, null or of another kind.</summary>
internal static class JsonFields
{
    public static bool? Flag(JsonElement? json, string name) =>
        Value(json, name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    public static int? Number(JsonElement? json, string name) =>
        Value(json, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : null;

    /// <summary>A number of tokens; null for one so large that it is no limit, which many files have.</summary>
    /// <param name="path">Of the file, for messages.</param>
    /// <exception cref="ModelPackageException">It is there, but no number above 0.</exception>
    public static int? Limit(JsonElement? json, string name, string path) => Value(json, name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number) && number >= 1 => number <= int.MaxValue ? (int)number : null,
        { } value => throw new ModelPackageException(path, $"[{name}] of [{value.GetRawText()}] must be a number of tokens."),
    };

    public static string? Text(JsonElement? json, string name) =>
        Value(json, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A special token: its text, or an object with the text as <c>content</c>.</summary>
    public static string? Token(JsonElement? json, string name) => Text(json, name) ?? Text(Value(json, name), "content");

    private static JsonElement? Value(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) ? value : null;
}
