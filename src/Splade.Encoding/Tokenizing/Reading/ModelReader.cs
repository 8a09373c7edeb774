using System.Text.Json;
using Splade.Encoding.Tokenizing.Models;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>The model of a tokenizer.json.</summary>
internal static class ModelReader
{
    public static (Vocabulary Vocabulary, IPieceModel Model) Read(JsonPart json)
    {
        switch (TypeOf(json))
        {
            case "WordPiece":
                var words = ReadVocabulary(json.RequiredPart("vocab"));
                return (words, new WordPieceModel(
                    words,
                    json.Text("continuing_subword_prefix") ?? "##",
                    json.Text("unk_token") ?? "[UNK]",
                    json.Number("max_input_chars_per_word") ?? 100));
            case "BPE":
                var pieces = ReadVocabulary(json.RequiredPart("vocab"));
                return (pieces, new BpeModel(pieces, [.. json.Items("merges").Select(Merge)], BpeSettings(json)));
            case "Unigram":
                return ReadUnigram(json);
            case "WordLevel":
                var whole = ReadVocabulary(json.RequiredPart("vocab"));
                return (whole, new WordLevelModel(whole, json.Required("unk_token")));
            default:
                throw json.Unsupported("model");
        }
    }

    /// <summary>Pieces and ids of a JSON object.</summary>
    public static Vocabulary ReadVocabulary(JsonPart json)
    {
        if (!json.IsObject)
        {
            throw json.Error("Expected an object of piece and id.");
        }

        var pieces = new List<(string, int)>();
        foreach (var entry in json.Json.EnumerateObject())
        {
            pieces.Add(entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out var id) && id >= 0
                ? (entry.Name, id)
                : throw json.Error($"The id of [{entry.Name}] is no number from 0."));
        }

        return new Vocabulary(pieces);
    }

    /// <summary>Files of old releases leave the type out; the models are known by their fields.</summary>
    private static string TypeOf(JsonPart json) => json.Type
        ?? (json.Part("max_input_chars_per_word") is not null ? "WordPiece"
            : json.Part("merges") is not null ? "BPE"
            : json.Part("unk_id") is not null ? "Unigram"
            : json.Part("unk_token") is not null ? "WordLevel"
            : "none");

    private static BpeOptions BpeSettings(JsonPart json)
    {
        if (json.Part("dropout") is { Json.ValueKind: JsonValueKind.Number } dropout && dropout.Json.GetDouble() > 0)
        {
            throw dropout.Error("Dropout makes ids random and is not supported.");
        }

        return new BpeOptions
        {
            UnknownToken = json.Text("unk_token"),
            FuseUnknown = json.Flag("fuse_unk"),
            ByteFallback = json.Flag("byte_fallback"),
            IgnoreMerges = json.Flag("ignore_merges"),
            ContinuingPrefix = json.Text("continuing_subword_prefix") ?? "",
            EndOfWordSuffix = json.Text("end_of_word_suffix") ?? "",
        };
    }

    /// <summary>A merge as a pair, or in the old form with one blank between.</summary>
    private static (string First, string Second) Merge(JsonPart json)
    {
        var parts = json.Json.ValueKind switch
        {
            JsonValueKind.String => json.Json.GetString()!.Split(' '),
            JsonValueKind.Array => [.. json.Json.EnumerateArray().Select(p => p.ValueKind == JsonValueKind.String ? p.GetString()! : "")],
            _ => [],
        };
        return parts is [{ Length: > 0 } first, { Length: > 0 } second] ? (first, second) : throw json.Error("Expected a pair of pieces.");
    }

    private static (Vocabulary Vocabulary, IPieceModel Model) ReadUnigram(JsonPart json)
    {
        var pieces = new List<(string, int)>();
        var scores = new List<double>();
        foreach (var item in json.RequiredPart("vocab").Items())
        {
            if (item.Json.ValueKind != JsonValueKind.Array || item.Json.GetArrayLength() != 2
                || item.Json[0].ValueKind != JsonValueKind.String || item.Json[1].ValueKind != JsonValueKind.Number)
            {
                throw item.Error("Expected a pair of piece and score.");
            }

            pieces.Add((item.Json[0].GetString()!, pieces.Count));
            scores.Add(ReferenceNumber.Parse(item.Json[1].GetRawText()));
        }

        var vocabulary = new Vocabulary(pieces);
        return (vocabulary, new UnigramModel(vocabulary, [.. scores], json.Number("unk_id"), json.Flag("byte_fallback")));
    }
}
