using Splade.Encoding.Tokenizing.Decoders;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>The decoder of a tokenizer.json.</summary>
internal static class DecoderReader
{
    public static DecodeStep Read(JsonPart? part) => part is not { } json ? DecodeSteps.Blanks() : json.Type switch
    {
        "Sequence" => DecodeSteps.Sequence([.. json.Items("decoders").Select(d => Read(d))]),
        "WordPiece" => DecodeSteps.WordPiece(json.Text("prefix") ?? "##", json.Flag("cleanup", true)),
        "ByteLevel" => DecodeSteps.ByteLevel(),
        "Metaspace" => DecodeSteps.Metaspace(Character(json, "replacement"), (json.Text("prepend_scheme") ?? (json.Flag("add_prefix_space", true) ? "always" : "never")) != "never"),
        "Replace" => DecodeSteps.Replace(PatternReader.Read(json.RequiredPart("pattern")), json.Required("content")),
        "ByteFallback" => DecodeSteps.ByteFallback(),
        "Fuse" => DecodeSteps.Fuse(),
        "Strip" => DecodeSteps.Strip(Character(json, "content"), json.Number("start") ?? 0, json.Number("stop") ?? 0),
        "BPEDecoder" => DecodeSteps.WordEnds(json.Text("suffix") ?? "</w>"),
        var other => DecodeSteps.Unsupported(other ?? "none"),
    };

    private static char Character(JsonPart json, string name) => json.Required(name) is { Length: 1 } text ? text[0] : throw json.Error($"Expected one character as [{name}].");
}
