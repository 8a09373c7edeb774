using Splade.Encoding.Safetensors;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Training.Checkpoints;
using Splade.Training.Networks;

namespace Splade.Training.Export;

/// <summary>
/// Writes a trained model as a package in the layout of a sentence-transformers SparseEncoder: float32 safetensors, config.json, vocabulary, pooling,
/// and for inference-free queries a router with a SparseStaticEmbedding. The importer of the cluster takes it and quantises it.
/// </summary>
internal static class PackageWriter
{
    private const string Static = "query_0_SparseStaticEmbedding";
    private const string Document = "document_0_MLMTransformer";
    private const string Pooling = "document_1_SpladePooling";
    private const string Types = "sentence_transformers.sparse_encoder.models.";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="folder">Created where it is missing; files of an older export are replaced.</param>
    /// <param name="tokenizerFiles">vocab.txt and, from another model, its tokenizer files; copied.</param>
    /// <param name="maxLength">Longest input in tokens.</param>
    public static void Write(string folder, SpladeModel model, IReadOnlyList<string> tokenizerFiles, int maxLength)
    {
        var transformer = model.HasStaticQueries ? Document : "";
        Directory.CreateDirectory(Path.Combine(folder, transformer));
        WriteWeights(Path.Combine(folder, transformer, "model.safetensors"), model);
        WriteJson(folder, Path.Combine(transformer, "config.json"), model.Network.Config.ToJson());
        WriteJson(folder, Path.Combine(transformer, "sentence_bert_config.json"), new JsonObject { ["max_seq_length"] = maxLength, ["do_lower_case"] = false });
        CopyTokenizer(Path.Combine(folder, transformer), tokenizerFiles, maxLength);
        var pooling = new JsonObject
        {
            ["pooling_strategy"] = model.Pooling.Kind == PoolingKind.Max ? "max" : "sum",
            ["activation_function"] = model.Pooling.DoubleLog ? "log1p_relu" : "relu",
            ["word_embedding_dimension"] = model.Network.Config.VocabularySize,
        };
        if (model.HasStaticQueries)
        {
            WriteJson(folder, Path.Combine(Pooling, "config.json"), pooling);
            WriteQueryTable(folder, model, tokenizerFiles, maxLength);
            WriteJson(folder, "modules.json", new JsonArray(Module(0, "", "sentence_transformers.models.Router")));
            WriteJson(folder, "router_config.json", new JsonObject
            {
                ["types"] = new JsonObject
                {
                    [Static] = Types + "SparseStaticEmbedding.SparseStaticEmbedding", [Document] = Types + "MLMTransformer.MLMTransformer",
                    [Pooling] = Types + "SpladePooling.SpladePooling",
                },
                ["structure"] = new JsonObject { ["query"] = new JsonArray(Static), ["document"] = new JsonArray(Document, Pooling) },
                ["parameters"] = new JsonObject { ["default_route"] = "document", ["allow_empty_key"] = true },
            });
        }
        else
        {
            WriteJson(folder, "1_SpladePooling/config.json", pooling);
            WriteJson(folder, "modules.json", new JsonArray(
                Module(0, "", Types + "MLMTransformer"), Module(1, "1_SpladePooling", Types + "SpladePooling")));
        }

        WriteJson(folder, "config_sentence_transformers.json", new JsonObject { ["model_type"] = "SparseEncoder", ["similarity_fn_name"] = "dot" });
    }

    private static void WriteWeights(string path, SpladeModel model) =>
        SafetensorsWriter.Write(path, model.Network.Parameters.Where(p => p.Key != StaticQueries.Parameter).Select(p => Checkpoint.Entry(p.Key, p.Value)));

    private static void WriteQueryTable(string folder, SpladeModel model, IReadOnlyList<string> tokenizerFiles, int maxLength)
    {
        var target = Path.Combine(folder, Static);
        Directory.CreateDirectory(target);
        var weights = model.Network.Parameters[StaticQueries.Parameter];

        // A piece may have learned that it speaks against a document; an inverted index has no such weights.
        SafetensorsWriter.Write(Path.Combine(target, "model.safetensors"), [Checkpoint.Entry("weight", weights.detach().relu())]);
        WriteJson(target, "config.json", new JsonObject { ["frozen"] = false });
        CopyTokenizer(target, tokenizerFiles, maxLength);
    }

    private static void CopyTokenizer(string folder, IReadOnlyList<string> files, int maxLength)
    {
        foreach (var file in files)
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        if (!files.Any(f => Path.GetFileName(f) == "tokenizer_config.json"))
        {
            WriteJson(folder, "tokenizer_config.json", new JsonObject
            {
                ["tokenizer_class"] = "BertTokenizer", ["do_lower_case"] = true, ["strip_accents"] = null, ["tokenize_chinese_chars"] = true,
                ["unk_token"] = "[UNK]", ["sep_token"] = "[SEP]", ["pad_token"] = "[PAD]", ["cls_token"] = "[CLS]", ["mask_token"] = "[MASK]",
                ["model_max_length"] = maxLength,
            });
            WriteJson(folder, "special_tokens_map.json", new JsonObject
            {
                ["unk_token"] = "[UNK]", ["sep_token"] = "[SEP]", ["pad_token"] = "[PAD]", ["cls_token"] = "[CLS]", ["mask_token"] = "[MASK]",
            });
        }
    }

    private static JsonObject Module(int index, string path, string type) =>
        new() { ["idx"] = index, ["name"] = index.ToString(System.Globalization.CultureInfo.InvariantCulture), ["path"] = path, ["type"] = type };

    private static void WriteJson(string folder, string file, JsonNode json)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, json.ToJsonString(Indented) + "\n");
    }
}
