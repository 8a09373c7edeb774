using System.Text.Json.Nodes;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>A small tokenizer.json, built and read from a folder.</summary>
internal static class TokenizerFile
{
    public static ITokenizer Open(string json, params (string Name, string Content)[] beside)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer.json"), json);
        foreach (var (name, content) in beside)
        {
            File.WriteAllText(Path.Combine(folder.Path, name), content);
        }

        return TokenizerReader.Read(new PackageFiles(folder.Path), "");
    }

    /// <summary>Byte-level BPE with the whole alphabet and a few merges.</summary>
    public static string ByteLevel(string? postProcessor = null, bool prefixSpace = false, string normalizer = "null")
    {
        string[] merges = ["h e", "l l", "he ll", "hell o", "\u0120 w", "o r", "\u0120w or", "\u0120wor l", "\u0120worl d", "\u0120 \u0120"];
        var vocabulary = new JsonObject();
        for (var value = 0; value < 256; value++)
        {
            vocabulary[ByteCharacters.Of((byte)value).ToString()] = value;
        }

        foreach (var merge in merges)
        {
            vocabulary[merge.Replace(" ", "", StringComparison.Ordinal)] = vocabulary.Count;
        }

        return $$"""
            {"added_tokens": [{"id": {{vocabulary.Count}}, "content": "<mask>", "lstrip": true, "special": true, "normalized": false}],
             "normalizer": {{normalizer}},
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": {{(prefixSpace ? "true" : "false")}}, "trim_offsets": true},
             "post_processor": {{postProcessor ?? "null"}},
             "model": {"type": "BPE", "vocab": {{vocabulary.ToJsonString()}}, "merges": {{new JsonArray([.. merges.Select(m => (JsonNode)m)]).ToJsonString()}} } }
            """;
    }

    /// <summary>Unigram over a few pieces, with parts around it.</summary>
    public static string Unigram(string normalizer, string preTokenizer, string pieces, string settings = "\"unk_id\": 0") => $$"""
        {"normalizer": {{normalizer}}, "pre_tokenizer": {{preTokenizer}}, "model": {"type": "Unigram", {{settings}}, "vocab": [["<unk>", 0], {{pieces}}] } }
        """;

    public static string Pieces(ITokenizer tokenizer, string text)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        return string.Join('|', pieces.Select(p => $"{tokenizer.Piece(p.Id)} {p.Start}-{p.End}"));
    }
}
