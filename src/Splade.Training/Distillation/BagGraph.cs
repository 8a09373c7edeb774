using System.Runtime.InteropServices;
using Splade.Encoding.Onnx;
using Splade.Lexical;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Training.Distillation;

/// <summary>The document side as an ONNX graph: the term frequency part over the whole text, and the network's expansion from its first pieces.</summary>
internal static class BagGraph
{
    /// <summary>
    /// A text with less than this share of its words in the main language gets no expansion; it grows to its full weight at <see cref="MainShare"/>. The
    /// network knows only the main language: a text in another one has a few of its pieces by chance.
    /// </summary>
    public const float OtherShare = 0.5f;

    /// <inheritdoc cref="OtherShare"/>
    public const float MainShare = 0.6f;

    /// <param name="hasWeight">By vocabulary id.</param>
    /// <param name="languages">By vocabulary id.</param>
    /// <param name="int8">
    /// Embeddings and matrices are stored in eight bits. They are computed with in float32, which the session makes of them when it is loaded: quantised inputs would
    /// make a text's vector depend on the texts beside it.
    /// </param>
    public static byte[] Build(BagNetwork network, BagExpansion expansion, bool[] hasWeight, PieceLanguage[] languages, LexicalModelOptions lexical, bool int8)
    {
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        var mask = graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var terms = LexicalGraph.Append(graph, ids, mask, hasWeight, lexical);
        var table = Parameter(BagNetwork.Embeddings);
        var vectors = Encode(Head(ids), Head(mask));
        var scores = graph.Node("Gemm", [vectors, table], [OnnxGraphBuilder.Attribute("transB", 1L)]);
        scores = graph.Node("Relu", [graph.Node("Sub", [graph.Node("Mul", [scores, graph.Constant(expansion.Factors, network.Rows)]), graph.Constant(expansion.Threshold)])]);
        graph.Output(
            graph.Node("Add", [terms.Weights, Widened(graph.Node("Mul", [Best(scores), Gate()]))], output: LexicalGraph.Vectors), DataType.Float, "batch", hasWeight.Length);
        return graph.ToBytes();

        string Encode(string pieces, string present)
        {
            // The last row stands for all pieces that have none of their own.
            var rows = graph.Node("Min", [pieces, graph.Constant([network.Rows - 1L], 1)]);
            var embedded = graph.Node("Gather", [table, rows]);
            var positions = graph.FirstRows(
                Parameter(BagNetwork.Positions), graph.Node("Gather", [graph.Node("Shape", [pieces]), graph.Constant([1L], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]));
            var states = graph.Node(
                "LayerNormalization",
                [graph.Node("Add", [Times(embedded, BagNetwork.Input), positions]), Parameter(BagNetwork.NormWeight), Parameter(BagNetwork.NormBias)],
                [OnnxGraphBuilder.Attribute("axis", -1), OnnxGraphBuilder.Attribute("epsilon", BagNetwork.NormEpsilon)]);
            var absent = graph.Node("Mul", [graph.Node("Sub", [graph.Constant(1f), graph.Cast(present, DataType.Float)]), graph.Constant(BagNetwork.Never)]);
            var attention = graph.Node("Add", [graph.ReduceSum(graph.Node("Mul", [states, Parameter(BagNetwork.Attention)]), 2), graph.Node("Gather", [Parameter(BagNetwork.Prior), rows])]);
            attention = graph.Unsqueeze(graph.Node("Softmax", [graph.Node("Add", [attention, absent])], [OnnxGraphBuilder.Attribute("axis", -1)]), 1);
            var pooled = Normalised(
                graph.Node("Add", [Times(Pooled(states), BagNetwork.Output), Times(Pooled(embedded), BagNetwork.Bag)]), MathF.Sqrt(network.Dimensions));
            var hidden = Gelu(graph.Node("Add", [Times(pooled, BagNetwork.Hidden), Parameter(BagNetwork.HiddenBias)]));
            return Normalised(graph.Node("Add", [Times(pooled, BagNetwork.Straight), Times(hidden, BagNetwork.HiddenOutput)]), 1);

            string Pooled(string values) => graph.Node("Squeeze", [graph.Node("MatMul", [attention, values]), graph.Constant([1L], 1)]);
        }

        // [batch, sequence] -> its first pieces.
        string Head(string values) => graph.Node("Slice", [values, graph.Constant([0L], 1), graph.Constant([(long)BagNetwork.MaxPieces], 1), graph.Constant([1L], 1)]);

        string Best(string values)
        {
            var count = Math.Min(expansion.Terms, network.Rows);
            var best = graph.Nodes(2, "TopK", [values, graph.Constant([(long)count], 1)], [OnnxGraphBuilder.Attribute("axis", -1)])[0];
            var least = graph.Node("Slice", [best, graph.Constant([count - 1L], 1), graph.Constant([(long)count], 1), graph.Constant([1L], 1)]);
            return graph.Node("Where", [graph.Node("GreaterOrEqual", [values, least]), values, graph.Constant(0f)]);
        }

        // [batch, 1], times alpha.
        string Gate()
        {
            var language = graph.Node("Mul", [graph.Cast(graph.Node("Gather", [graph.Initializer(DataType.Uint8, [.. languages.Select(l => (byte)l)], languages.Length), ids]), DataType.Int64), mask]);
            var main = Count(PieceLanguage.Main);
            var share = graph.Node("Div", [main, graph.Node("Max", [graph.Node("Add", [main, Count(PieceLanguage.Other)]), graph.Constant(1f)])]);
            var open = graph.Node("Mul", [graph.Node("Sub", [share, graph.Constant(OtherShare)]), graph.Constant(1 / (MainShare - OtherShare))]);
            return graph.Node("Mul", [graph.Node("Clip", [open, graph.Constant(0f), graph.Constant(1f)]), graph.Constant(expansion.Alpha)]);

            string Count(PieceLanguage which) =>
                graph.ReduceSum(graph.Cast(graph.Node("Equal", [language, graph.Constant([(long)which], 1)]), DataType.Float), 1, keep: true);
        }

        // [batch, rows] -> [batch, vocabulary]; the row for other pieces is all zeros.
        string Widened(string values) => hasWeight.Length >= network.Rows
            ? graph.Node("Pad", [values, graph.Constant([0L, 0L, 0L, hasWeight.Length - network.Rows], 4)])
            : graph.Node("Slice", [values, graph.Constant([0L], 1), graph.Constant([(long)hasWeight.Length], 1), graph.Constant([1L], 1)]);

        string Gelu(string x)
        {
            var erf = graph.Node("Erf", [graph.Node("Mul", [x, graph.Constant(MathF.Sqrt(0.5f))])]);
            return graph.Node("Mul", [graph.Node("Mul", [x, graph.Constant(0.5f)]), graph.Node("Add", [erf, graph.Constant(1f)])]);
        }

        string Normalised(string values, float length)
        {
            var norm = graph.Node("Sqrt", [graph.ReduceSum(graph.Node("Mul", [values, values]), 1, keep: true)]);
            var unit = graph.Node("Div", [values, graph.Node("Max", [norm, graph.Constant(1e-12f)])]);
            return length == 1 ? unit : graph.Node("Mul", [unit, graph.Constant(length)]);
        }

        string Times(string values, string matrix) => graph.Node("MatMul", [values, Parameter(matrix)]);

        string Parameter(string name)
        {
            var value = network.Parameters[name].detach();
            var values = value.data<float>().ToArray();
            if (!int8 || value.shape.Length < 2)
            {
                return graph.Constant(values, value.shape);
            }

            // A row of the table of embeddings is a piece, a column of a matrix one of its outputs.
            var (rows, columns) = ((int)value.shape[0], (int)value.shape[1]);
            var byRow = name == BagNetwork.Embeddings;
            var (numbers, scales) = byRow ? Int8Rows.FromRows(values, rows, columns) : Int8Rows.FromColumns(values, rows, columns);
            var stored = graph.Initializer(DataType.Int8, MemoryMarshal.AsBytes(numbers.AsSpan()), rows, columns);
            return graph.Node("Mul", [graph.Cast(stored, DataType.Float), byRow ? graph.Constant(scales, rows, 1) : graph.Constant(scales, columns)]);
        }
    }
}
