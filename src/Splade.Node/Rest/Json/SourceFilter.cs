using System.Text.Json;

namespace Splade.Node.Rest.Json;

/// <summary>Which part of a document's source an answer holds. Patterns are full paths; <c>*</c> also spans dots.</summary>
/// <param name="Fetch">False: no source at all.</param>
internal sealed record SourceFilter(bool Fetch, IReadOnlyList<string> Includes, IReadOnlyList<string> Excludes)
{
    public static SourceFilter All { get; } = new(true, [], []);

    public static SourceFilter None { get; } = new(false, [], []);

    /// <summary><c>true</c>, <c>false</c>, a path, a list of paths, or <c>{includes, excludes}</c>.</summary>
    public static SourceFilter Parse(JsonPart value)
    {
        if (value.Kind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.Kind == JsonValueKind.True ? All : None;
        }

        if (!value.IsObject)
        {
            return All with { Includes = value.AsStrings("_source") };
        }

        value.RefuseUnknown("_source", "includes", "excludes", "include", "exclude");
        return new SourceFilter(
            true,
            (value["includes"] ?? value["include"])?.AsStrings("includes") ?? [],
            (value["excludes"] ?? value["exclude"])?.AsStrings("excludes") ?? []);
    }

    /// <summary>Writes the source, or what the patterns leave of it, as one value.</summary>
    public void Write(Utf8JsonWriter json, ReadOnlyMemory<byte> source)
    {
        if (Includes.Count == 0 && Excludes.Count == 0)
        {
            json.WriteRawValue(source.Span, skipInputValidation: true);
            return;
        }

        using var document = JsonDocument.Parse(source, new JsonDocumentOptions { MaxDepth = JsonBody.MaxDepth });
        var writer = new LazyJsonWriter(json);
        Walk(null, "", document.RootElement, Includes.Count == 0, writer);
        if (!writer.Any)
        {
            json.WriteRawValue("{}");
        }
    }

    private void Walk(string? name, string path, JsonElement value, bool included, LazyJsonWriter writer)
    {
        if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any())
        {
            writer.Begin(name, isArray: false);
            foreach (var member in value.EnumerateObject())
            {
                var memberPath = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
                if (!Excludes.Any(p => Glob.Matches(p, memberPath)))
                {
                    Walk(member.Name, memberPath, member.Value, included || Includes.Any(p => Glob.Matches(p, memberPath)), writer);
                }
            }

            writer.End();
        }
        else if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
        {
            writer.Begin(name, isArray: true);
            foreach (var item in value.EnumerateArray())
            {
                Walk(null, path, item, included, writer);
            }

            writer.End();
        }
        else if (included)
        {
            writer.Value(name, value);
        }
    }
}
