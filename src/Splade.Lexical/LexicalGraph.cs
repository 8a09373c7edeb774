using Splade.Encoding.Onnx;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Lexical;

/// <summary>
/// The document side as an ONNX graph: for pieces with weight, (k + 1) tf / (tf + k (1 - b + b len / avg)) with a fixed average length (the term
/// frequency part of BM25, without collection statistics). No learnt parameters but the list of pieces that count.
/// </summary>
internal static class LexicalGraph
{
    public static byte[] Build(bool[] hasWeight, LexicalModelOptions options)
    {
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        var mask = graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var table = graph.Initializer(DataType.Uint8, [.. hasWeight.Select(w => (byte)(w ? 1 : 0))], hasWeight.Length);
        var counted = graph.Node("Cast", [graph.Node("Gather", [table, ids])], [Cast]);
        var kept = graph.Node("Mul", [counted, graph.Node("Cast", [mask], [Cast])]);

        // zeros [batch, vocabulary]: the shape comes from the ids.
        var batch = graph.Node("Gather", [graph.Node("Shape", [ids]), graph.Constant([0L], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]);
        var shape = graph.Node("Concat", [batch, graph.Constant([hasWeight.Length], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]);
        var zeros = graph.Node("Expand", [graph.Constant(0f), shape]);
        var frequency = graph.Node(
            "ScatterElements", [zeros, ids, kept], [OnnxGraphBuilder.Attribute("axis", 1), OnnxGraphBuilder.Attribute("reduction", "add")]);
        var length = graph.Node("ReduceSum", [kept, graph.Constant([1L], 1)], [OnnxGraphBuilder.Attribute("keepdims", 1)]);
        var norm = graph.Node(
            "Add",
            [
                graph.Node("Mul", [length, graph.Constant(options.Saturation * options.LengthShare / options.AverageLength)]),
                graph.Constant(options.Saturation * (1 - options.LengthShare)),
            ]);
        var weight = graph.Node(
            "Div", [graph.Node("Mul", [frequency, graph.Constant(options.Saturation + 1)]), graph.Node("Add", [frequency, norm])], output: "sentence_embedding");
        graph.Output(weight, DataType.Float, "batch", hasWeight.Length);
        return graph.ToBytes();
    }

    private static AttributeProto Cast => OnnxGraphBuilder.Attribute("to", (long)DataType.Float);
}
