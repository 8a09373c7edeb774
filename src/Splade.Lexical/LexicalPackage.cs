using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Encoding.Safetensors;

namespace Splade.Lexical;

/// <summary>Writes a model as a package: vocabulary, graph of the document side, table of the queries.</summary>
internal static class LexicalPackage
{
    internal static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="graph">The document side.</param>
    /// <param name="countedFrom">Weight from which a term counts in the collection's document frequencies; 0 for any.</param>
    /// <param name="type">What config.json calls the kind of model.</param>
    public static void Write(string folder, LexicalModel model, byte[] graph, string type, string description, int maxTokens, float countedFrom = 0)
    {
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        Directory.CreateDirectory(Path.Combine(folder, "query_0_SparseStaticEmbedding"));
        File.WriteAllText(
            Path.Combine(folder, model.Pairs is null ? "vocab.txt" : "tokenizer.json"),
            model.Pairs is null ? string.Join('\n', model.Pieces) + "\n" : LexicalTokenizer.Json(model.Pieces));
        File.WriteAllBytes(Path.Combine(folder, "onnx", "model.onnx"), graph);
        float[] weights = [.. model.Idf.Select((idf, id) => model.HasWeight[id] ? idf : 0f)];
        SafetensorsWriter.Write(Path.Combine(folder, "query_0_SparseStaticEmbedding", "model.safetensors"), [("weight", [weights.Length], () => weights)]);
        WriteJson("query_0_SparseStaticEmbedding/config.json", """{"frozen": true}""");
        WriteJson("modules.json", """[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Router"}]""");
        WriteJson("router_config.json", """
            {
              "types": {"query_0_SparseStaticEmbedding": "sentence_transformers.sparse_encoder.models.SparseStaticEmbedding.SparseStaticEmbedding"},
              "structure": {"query": ["query_0_SparseStaticEmbedding"], "document": ["onnx"]},
              "parameters": {"default_route": "document", "allow_empty_key": true}
            }
            """);
        WriteJson("config.json", $$"""{"model_type": "{{type}}", "vocab_size": {{model.Pieces.Length}}}""");
        WriteJson("tokenizer_config.json", $$"""
            {
              "tokenizer_class": "{{(model.Pairs is null ? "BertTokenizer" : "PreTrainedTokenizerFast")}}", "do_lower_case": true, "strip_accents": null, "tokenize_chinese_chars": true,
              "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
              "model_max_length": {{maxTokens}}
            }
            """);
        Write("splade.json", new JsonObject { ["description"] = description, ["query"] = QuerySettings(model, countedFrom), ["max_tokens"] = maxTokens });

        void WriteJson(string file, string json) => Write(file, JsonNode.Parse(json)!);

        void Write(string file, JsonNode json) =>
            File.WriteAllText(Path.Combine(folder, file.Replace('/', Path.DirectorySeparatorChar)), json.ToJsonString(Indented) + "\n");
    }

    private static JsonObject QuerySettings(LexicalModel model, float countedFrom)
    {
        var query = new JsonObject { ["term_counts"] = true, ["collection_idf"] = true };
        if (countedFrom > 0)
        {
            query["collection_idf_from"] = countedFrom;
        }

        if (model.Pairs is { Settings: var pairs })
        {
            // Few of the pairs of a collection are in the texts that a model is made of: their own frequencies say little.
            query["collection_idf_share"] = 1;
            query["pairs"] = new JsonObject { ["first"] = pairs.First, ["count"] = pairs.Count, ["share"] = pairs.Share };
        }

        return query;
    }
}
