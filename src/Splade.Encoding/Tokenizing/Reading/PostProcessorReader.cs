using System.Text.Json;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>The post-processor of a tokenizer.json: the template around a text, and whether places leave spaces out.</summary>
internal sealed record PostProcessorReader(TokenTemplate Template, TrimOffsets? Trim)
{
    public static PostProcessorReader Read(JsonPart? part, bool? prefixSpace)
    {
        var nothing = new PostProcessorReader(TokenTemplate.None, null);
        if (part is not { } json)
        {
            return nothing;
        }

        switch (json.Type)
        {
            case "Sequence":
                return json.Items("processors").Select(p => Read(p, prefixSpace)).Aggregate(nothing, (all, one) => new PostProcessorReader(
                    one.Template.Length == 0 ? all.Template
                    : all.Template.Length == 0 ? one.Template
                    : throw json.Error("Two processors add special tokens."),
                    one.Trim ?? all.Trim));
            case "TemplateProcessing":
                return nothing with { Template = Single(json) };
            case "BertProcessing":
                return nothing with { Template = new TokenTemplate([Id(json, "cls")], [Id(json, "sep")]) };
            case "RobertaProcessing":
                return new PostProcessorReader(new TokenTemplate([Id(json, "cls")], [Id(json, "sep")]), TrimOf(json, prefixSpace));
            case "ByteLevel":
                return nothing with { Trim = TrimOf(json, prefixSpace) };
            default:
                throw json.Unsupported("post-processor");
        }
    }

    private static TrimOffsets? TrimOf(JsonPart json, bool? prefixSpace) =>
        json.Flag("trim_offsets", true) ? new TrimOffsets(prefixSpace ?? json.Flag("add_prefix_space", true)) : null;

    private static int Id(JsonPart json, string name)
    {
        var part = json.RequiredPart(name);
        return part.Json.ValueKind == JsonValueKind.Array && part.Json.GetArrayLength() == 2
            && part.Json[1].ValueKind == JsonValueKind.Number && part.Json[1].TryGetInt32(out var id) && id >= 0
            ? id
            : throw part.Error("Expected a pair of token and id.");
    }

    private static TokenTemplate Single(JsonPart json)
    {
        var before = new List<int>();
        var after = new List<int>();
        var seen = false;
        foreach (var item in json.RequiredPart("single").Items())
        {
            if (item.Part("Sequence") is { } sequence)
            {
                seen = !seen && sequence.Text("id") is "A" or null
                    ? true
                    : throw sequence.Error("Expected the sequence A, once.");
            }
            else
            {
                (seen ? after : before).AddRange(Ids(json, item.RequiredPart("SpecialToken").Required("id")));
            }
        }

        return seen ? new TokenTemplate([.. before], [.. after]) : throw json.Error("The template has no sequence A.");
    }

    private static IEnumerable<int> Ids(JsonPart json, string token)
    {
        var part = json.RequiredPart("special_tokens").RequiredPart(token).RequiredPart("ids");
        return part.Items().Select(i => i.Json.ValueKind == JsonValueKind.Number && i.Json.TryGetInt32(out var id) && id >= 0
            ? id
            : throw i.Error("Expected an id."));
    }
}
