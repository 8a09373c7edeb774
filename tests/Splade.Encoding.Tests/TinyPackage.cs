using Splade.Encoding.Onnx;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Tests;

/// <summary>A package with ten pieces whose logits are a table: the row of each token. Its vectors can be computed by hand.</summary>
internal sealed class TinyPackage
{
    public static readonly string[] Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog", "fish", "##es", "."];
    private static readonly long Size = Vocabulary.Length;

    public TinyPackage(string folder, bool pooled = false, float[]? table = null)
    {
        Folder = folder;
        Table = table ?? RandomTable();
        Write("vocab.txt", string.Join('\n', Vocabulary) + "\n");
        Write("tokenizer_config.json", """{"do_lower_case": true, "model_max_length": 128}""");
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        File.WriteAllBytes(Path.Combine(folder, "onnx/model.onnx"), pooled ? PooledGraph(Table) : LogitsGraph(Table));
    }

    public string Folder { get; }

    /// <summary>[token, piece].</summary>
    public float[] Table { get; }

    public float Logit(int token, int piece) => Table[(token * Size) + piece];

    public void Write(string file, string content)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    private static float[] RandomTable()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, (int)(Size * Size)).Select(_ => (float)((random.NextDouble() * 6) - 4))];
    }

    private static byte[] LogitsGraph(float[] table)
    {
        var graph = Inputs(out var ids);
        graph.Node("Gather", [graph.Constant(table, Size, Size), ids], output: "logits");
        graph.Output("logits", DataType.Float, "batch", "sequence", Size);
        return graph.ToBytes();
    }

    private static byte[] PooledGraph(float[] table)
    {
        var graph = Inputs(out var ids);
        var rows = graph.Node("Gather", [graph.Constant(table, Size, Size), ids]);
        graph.Node("ReduceMax", [rows, graph.Constant([1L], 1)], [OnnxGraphBuilder.Attribute("keepdims", 0)], "vector");
        graph.Output("vector", DataType.Float, "batch", Size);
        return graph.ToBytes();
    }

    private static OnnxGraphBuilder Inputs(out string ids)
    {
        var graph = new OnnxGraphBuilder();
        ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        return graph;
    }
}
