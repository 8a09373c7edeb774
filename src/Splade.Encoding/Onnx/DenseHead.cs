using Splade.Encoding.Packages;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Onnx;

/// <summary>The pooling of a dense sentence encoder inside a graph: hidden states [batch, sequence, hidden] -> [batch, hidden].</summary>
internal static class DenseHead
{
    public const string Vector = "sentence_vector";

    // As torch.nn.functional.normalize has it.
    private const float SmallestLength = 1e-12f;
    private const float VeryLow = -1e9f;

    /// <param name="mask">Name of the attention mask input, [batch, sequence] of int64.</param>
    public static GraphOutput Append(OnnxGraphBuilder graph, string hidden, string mask, int size, DensePooling pooling)
    {
        var pooled = pooling.Mode switch
        {
            DensePoolingMode.FirstToken => graph.Node("Gather", [hidden, graph.Constant([0L], [])], [OnnxGraphBuilder.Attribute("axis", 1)]),
            DensePoolingMode.Max => graph.ReduceMax(graph.Node("Where", [IsToken(DataType.Bool), hidden, graph.Constant(VeryLow)]), 1),
            _ => Mean(),
        };
        if (pooling.Normalize)
        {
            var length = graph.Node("Sqrt", [graph.ReduceSum(graph.Node("Mul", [pooled, pooled]), 1, keep: true)]);
            pooled = graph.Node("Div", [pooled, graph.Node("Max", [length, graph.Constant(SmallestLength)])]);
        }

        graph.Model.Graph.Output.Clear();
        graph.Node("Identity", [pooled], output: Vector);
        graph.Output(Vector, DataType.Float, "batch", size);
        return new GraphOutput(OutputForm.Vector, Vector);

        string Mean()
        {
            var tokens = IsToken(DataType.Float);
            return graph.Node("Div", [graph.ReduceSum(graph.Node("Mul", [hidden, tokens]), 1), graph.ReduceSum(tokens, 1)]);
        }

        string IsToken(DataType type) => graph.Unsqueeze(graph.Cast(mask, type), 2);
    }
}
