using System.Globalization;
using System.Text.Json;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Json;

/// <summary>A value in a request body that knows where it stands, so that every refusal can say line and column.</summary>
internal sealed class JsonPart(JsonBody body, JsonValueKind kind, int start)
{
    private List<JsonPart>? _items;
    private List<JsonMember>? _members;

    public JsonValueKind Kind { get; } = kind;

    /// <summary>A string's content, or a number as written.</summary>
    public string? Text { get; init; }

    public IReadOnlyList<JsonPart> Items => _items ?? (IReadOnlyList<JsonPart>)[];

    public IReadOnlyList<JsonMember> Members => _members ?? (IReadOnlyList<JsonMember>)[];

    /// <summary>End of the value in the body, exclusive.</summary>
    public int End { get; set; }

    /// <summary>The value's bytes as they were sent.</summary>
    public ReadOnlyMemory<byte> Raw => body.Bytes[start..End];

    public bool IsObject => Kind == JsonValueKind.Object;

    public bool IsNull => Kind == JsonValueKind.Null;

    public JsonPart? this[string name] => _members?.Find(m => m.Name == name)?.Value;

    public void Add(JsonPart item) => (_items ??= []).Add(item);

    public void Add(JsonMember member) => (_members ??= []).Add(member);

    /// <summary>A string, number or boolean as text; null for anything else.</summary>
    public string? ScalarText => Kind switch
    {
        JsonValueKind.String or JsonValueKind.Number => Text,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    public RestException Error(string reason, string type = "parsing_exception")
    {
        var (line, column) = body.Position(start);
        return RestErrors.Parsing(reason, line, column, type);
    }

    /// <summary>Refuses the first member whose name is none of <paramref name="known"/>.</summary>
    public void RefuseUnknown(string owner, params ReadOnlySpan<string> known)
    {
        foreach (var member in Members)
        {
            if (!known.Contains(member.Name))
            {
                throw Unknown(owner, member, known);
            }
        }
    }

    public RestException Unknown(string owner, JsonMember member, ReadOnlySpan<string> known)
    {
        var (line, column) = body.Position(member.Start);
        return RestErrors.Parsing(
            $"[{owner}] unknown field [{member.Name}]{DidYouMean.SuggestOrList(member.Name, known.ToArray())}",
            line,
            column,
            "x_content_parse_exception");
    }

    public string AsString(string name) =>
        Kind == JsonValueKind.String ? Text! : throw Error($"[{name}] must be a string");

    /// <summary>Of a value that may be written as a number or a string, such as a time of 0 or "5s".</summary>
    public string AsText(string name) => Kind is JsonValueKind.Number or JsonValueKind.String ? ScalarText! : throw Error($"[{name}] must be a string");

    public bool AsBoolean(string name) => ScalarText switch
    {
        "true" => true,
        "false" => false,
        _ => throw Error($"[{name}] must be true or false"),
    };

    public long AsLong(string name) =>
        long.TryParse(ScalarText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Error($"[{name}] must be an integer");

    public int AsInt(string name) =>
        AsLong(name) is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw Error($"[{name}] is out of range for an integer");

    /// <summary>A finite number.</summary>
    public float AsFloat(string name) =>
        float.TryParse(ScalarText, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : throw Error($"[{name}] must be a finite number");

    /// <summary>A string or a list of strings.</summary>
    public IReadOnlyList<string> AsStrings(string name) =>
        Kind == JsonValueKind.Array ? [.. Items.Select(i => i.AsString(name))] : [AsString(name)];
}

/// <param name="Start">Where the name begins in the body.</param>
internal sealed record JsonMember(string Name, JsonPart Value, int Start);
