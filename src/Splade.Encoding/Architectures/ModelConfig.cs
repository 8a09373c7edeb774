using System.Text.Json;

namespace Splade.Encoding.Architectures;

/// <summary>The config.json of a transformer. A field that is absent has the default of its class in the transformers library.</summary>
internal sealed class ModelConfig(string path, JsonElement json)
{
    public string Path { get; } = path;

    public string ModelType => Text("model_type", "none");

    public bool Has(string name) => Value(name) is not null;

    /// <summary>A field that is there and has no value, which some classes read otherwise than one that is absent.</summary>
    public bool IsNull(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <exception cref="ModelPackageException">It is no positive integer.</exception>
    public int Positive(string name, int otherwise)
    {
        var value = Integer(name, otherwise);
        return value > 0 ? value : throw Error(name, "expected a positive number");
    }

    /// <exception cref="ModelPackageException">It is no integer.</exception>
    public int Integer(string name, int otherwise) => Value(name) is not { } value ? otherwise
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Error(name, "expected an integer");

    /// <exception cref="ModelPackageException">It is no positive finite number.</exception>
    public double Real(string name, double otherwise) => Real(json, name) ?? otherwise;

    /// <exception cref="ModelPackageException">It is no text.</exception>
    public string Text(string name, string otherwise) => Value(name) is not { } value ? otherwise
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw Error(name, "expected a text");

    /// <exception cref="ModelPackageException">It is neither true nor false.</exception>
    public bool Flag(string name, bool otherwise) => Value(name) is not { } value ? otherwise
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Error(name, "expected true or false");

    /// <summary>A field that is an object; null when it is absent.</summary>
    public JsonElement? Object(string name) => Value(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? value
        : throw Error(name, "expected an object");

    /// <summary>A field that is a list of texts; null when it is absent.</summary>
    public string[]? Texts(string name) => Value(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
            : throw Error(name, "expected a list of texts");

    /// <summary>A number of an object inside the config; null when it is absent.</summary>
    public double? Real(JsonElement part, string name) =>
        !part.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.GetDouble() is > 0 and < double.PositiveInfinity and var number ? number
        : throw Error(name, "expected a positive number");

    /// <summary>Refuses every value of a field but the one that the graph is built for.</summary>
    public void Require(string name, string supported)
    {
        if (Text(name, supported) != supported)
        {
            throw Error(name, $"only {supported} is supported");
        }
    }

    /// <inheritdoc cref="Require(string, string)"/>
    public void Require(string name, bool supported)
    {
        if (Flag(name, supported) != supported)
        {
            throw Error(name, $"only {(supported ? "true" : "false")} is supported");
        }
    }

    public ModelPackageException Error(string name, string message) => new(
        Path, $"{name} is {(json.TryGetProperty(name, out var value) ? Shorten(value.GetRawText()) : "absent")}: {message}.");

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "...";

    private JsonElement? Value(string name) => json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
