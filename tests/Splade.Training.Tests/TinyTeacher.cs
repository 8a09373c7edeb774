using System.Text.RegularExpressions;
using Splade.Encoding.Onnx;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Training.Tests;

/// <summary>A dense sentence encoder in place of a network: the mean of random vectors of a text's words.</summary>
internal static class TinyTeacher
{
    private const int Size = 24;

    public static string Write(string folder)
    {
        var package = Path.Combine(folder, "teacher");
        Directory.CreateDirectory(Path.Combine(package, "onnx"));
        Directory.CreateDirectory(Path.Combine(package, "1_Pooling"));
        string[] words = [.. TinyTexts.Passages.SelectMany(p => Regex.Matches(p.ToLowerInvariant(), "[a-z]+").Select(m => m.Value)).Distinct().Order(StringComparer.Ordinal)];
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. words];
        File.WriteAllLines(Path.Combine(package, "vocab.txt"), pieces);
        File.WriteAllText(Path.Combine(package, "tokenizer_config.json"), """{"tokenizer_class": "BertTokenizer", "model_max_length": 128}""");
        File.WriteAllText(Path.Combine(package, "1_Pooling", "config.json"), """{"pooling_mode_mean_tokens": true}""");
        File.WriteAllText(Path.Combine(package, "modules.json"), """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
            """);
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var random = new Random(7);
        float[] table = [.. Enumerable.Range(0, pieces.Length * Size).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        graph.Node("Gather", [graph.Constant(table, pieces.Length, Size), ids], output: "last_hidden_state");
        graph.Output("last_hidden_state", DataType.Float, "batch", "sequence", Size);
        File.WriteAllBytes(Path.Combine(package, "onnx", "model.onnx"), graph.ToBytes());
        return package;
    }
}
