using Splade.Encoding.Onnx;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Lexical;

/// <summary>
/// The document side as an ONNX graph: for pieces with weight, (k + 1) tf / (tf + k (1 - b + b len / avg)) with a fixed average length (the term
/// frequency part of BM25, without collection statistics). No learnt parameters but the list of pieces that count.
/// </summary>
internal static class LexicalGraph
{
    /// <summary>Name of the output that holds the vectors.</summary>
    public const string Vectors = "sentence_embedding";

    public static byte[] Build(bool[] hasWeight, LexicalModelOptions options)
    {
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        var mask = graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var nodes = Append(graph, ids, mask, hasWeight, options);
        graph.Output(graph.Node("Identity", [nodes.Weights], output: Vectors), DataType.Float, "batch", hasWeight.Length);
        return graph.ToBytes();
    }

    /// <summary>The same as part of a larger graph.</summary>
    public static LexicalNodes Append(OnnxGraphBuilder graph, string ids, string mask, bool[] hasWeight, LexicalModelOptions options)
    {
        var table = graph.Initializer(DataType.Uint8, [.. hasWeight.Select(w => (byte)(w ? 1 : 0))], hasWeight.Length);
        var counted = graph.Cast(graph.Node("Gather", [table, ids]), DataType.Float);
        var kept = graph.Node("Mul", [counted, graph.Cast(mask, DataType.Float)]);

        // zeros [batch, vocabulary]: the shape comes from the ids.
        var batch = graph.Node("Gather", [graph.Node("Shape", [ids]), graph.Constant([0L], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]);
        var shape = graph.Node("Concat", [batch, graph.Constant([hasWeight.Length], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]);
        var zeros = graph.Node("Expand", [graph.Constant(0f), shape]);
        var frequency = graph.Node(
            "ScatterElements", [zeros, ids, kept], [OnnxGraphBuilder.Attribute("axis", 1), OnnxGraphBuilder.Attribute("reduction", "add")]);
        var length = graph.ReduceSum(kept, 1, keep: true);
        var norm = graph.Node(
            "Add",
            [
                graph.Node("Mul", [length, graph.Constant(options.Saturation * options.LengthShare / options.AverageLength)]),
                graph.Constant(options.Saturation * (1 - options.LengthShare)),
            ]);
        var weights = graph.Node(
            "Div", [graph.Node("Mul", [frequency, graph.Constant(options.Saturation + 1)]), graph.Node("Add", [frequency, norm])]);
        return new LexicalNodes(weights, kept, length);
    }
}
