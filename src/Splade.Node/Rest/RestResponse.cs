using System.Text.Json;

namespace Splade.Node.Rest;

/// <summary>What a handler answers: JSON that is written when the format is known, or text.</summary>
internal sealed class RestResponse
{
    public int Status { get; private init; } = 200;

    public Action<Utf8JsonWriter>? Json { get; private init; }

    public string? Text { get; private init; }

    public List<(string Name, string Value)> Headers { get; } = [];

    public static RestResponse OfJson(Action<Utf8JsonWriter> write, int status = 200) => new() { Json = write, Status = status };

    public static RestResponse OfText(string text, int status = 200) => new() { Text = text, Status = status };

    /// <summary>Only a status, for HEAD.</summary>
    public static RestResponse Empty(int status) => new() { Text = "", Status = status };

    public static RestResponse Acknowledged { get; } = OfJson(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("acknowledged", true);
        json.WriteEndObject();
    });
}
