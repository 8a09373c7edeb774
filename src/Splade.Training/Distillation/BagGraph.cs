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

    private const byte ZeroPoint = 128;

    /// <param name="hasWeight">By vocabulary id.</param>
    /// <param name="languages">By vocabulary id.</param>
    /// <param name="int8">
    /// Embeddings and matrices are stored in eight bits. All but the scores of the vocabulary are computed in float32, which the session makes of them when it is loaded.
    /// </param>
    public static byte[] Build(BagNetwork network, BagExpansion expansion, bool[] hasWeight, PieceLanguage[] languages, LexicalModelOptions lexical, bool int8)
    {
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        var mask = graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var terms = LexicalGraph.Append(graph, ids, mask, hasWeight, lexical);
        var (table, numbers, scales) = Embeddings();
        var vectors = Encode(Head(ids), Head(mask));
        var (best, places) = Best(vectors);
        var added = graph.Node("Mul", [graph.Node("Relu", [graph.Node("Sub", [best, graph.Constant(expansion.Threshold)])]), Gate()]);
        graph.Node(
            "ScatterElements",
            [terms.Weights, places, added],
            [OnnxGraphBuilder.Attribute("axis", 1), OnnxGraphBuilder.Attribute("reduction", "add")],
            output: LexicalGraph.Vectors);
        graph.Output(LexicalGraph.Vectors, DataType.Float, "batch", hasWeight.Length);
        return graph.ToBytes();

        string Encode(string pieces, string present)
        {
            // The last row stands for all pieces that have none of their own.
            var rows = graph.Node("Min", [pieces, graph.Constant([network.Rows - 1L], 1)]);

            // The product with all embeddings is a constant, which the session computes once, when it is loaded.
            var projected = graph.Node("Gather", [Times(table, BagNetwork.Input), rows]);
            var positions = graph.FirstRows(
                Parameter(BagNetwork.Positions), graph.Node("Gather", [graph.Node("Shape", [pieces]), graph.Constant([1L], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]));
            var states = graph.Node(
                "LayerNormalization",
                [graph.Node("Add", [projected, positions]), Parameter(BagNetwork.NormWeight), Parameter(BagNetwork.NormBias)],
                [OnnxGraphBuilder.Attribute("axis", -1), OnnxGraphBuilder.Attribute("epsilon", BagNetwork.NormEpsilon)]);
            var absent = graph.Node("Mul", [graph.Node("Sub", [graph.Constant(1f), graph.Cast(present, DataType.Float)]), graph.Constant(BagNetwork.Never)]);
            var attention = graph.Node("Add", [graph.ReduceSum(graph.Node("Mul", [states, Parameter(BagNetwork.Attention)]), 2), graph.Node("Gather", [Parameter(BagNetwork.Prior), rows])]);
            attention = graph.Node("Softmax", [graph.Node("Add", [attention, absent])], [OnnxGraphBuilder.Attribute("axis", -1)]);
            var pooled = Normalised(
                graph.Node("Add", [Times(Pooled(attention, states), BagNetwork.Output), Times(PooledEmbeddings(attention, rows), BagNetwork.Bag)]), MathF.Sqrt(network.Dimensions));
            var hidden = Gelu(graph.Node("Add", [Times(pooled, BagNetwork.Hidden), Parameter(BagNetwork.HiddenBias)]));
            return Normalised(graph.Node("Add", [Times(pooled, BagNetwork.Straight), Times(hidden, BagNetwork.HiddenOutput)]), 1);
        }

        // [batch, sequence] x [batch, sequence, dimensions] -> [batch, dimensions].
        string Pooled(string attention, string values) =>
            graph.Node("Squeeze", [graph.Node("MatMul", [graph.Unsqueeze(attention, 1), values]), graph.Constant([1L], 1)]);

        // Where the table has eight bits, its rows are looked up as they are stored: a quarter of the memory's work. Their scales go to the attention.
        string PooledEmbeddings(string attention, string rows) => numbers is null
            ? Pooled(attention, graph.Node("Gather", [table, rows]))
            : Pooled(
                graph.Node("Mul", [attention, graph.Node("Gather", [graph.Constant(scales!, network.Rows), rows])]),
                graph.Cast(graph.Node("Gather", [numbers, rows]), DataType.Float));

        // [batch, sequence] -> its first pieces.
        string Head(string values) => graph.Node("Slice", [values, graph.Constant([0L], 1), graph.Constant([(long)BagNetwork.MaxPieces], 1), graph.Constant([1L], 1)]);

        // The best pieces of the vocabulary, exp(r_j) (o . E_j) and j, [batch, terms]. The last row is no piece.
        (string Scores, string Places) Best(string documents)
        {
            var pieces = network.Rows - 1;
            var last = graph.Constant([(long)pieces], 1);
            string scores, step;
            if (numbers is null)
            {
                step = graph.Constant(1f);
                scores = graph.Node("Gemm", [documents, graph.FirstRows(table, last)], [OnnxGraphBuilder.Attribute("transB", 1L)]);
                scores = graph.Node("Mul", [scores, graph.Constant(expansion.Factors.AsSpan(0, pieces), pieces)]);
            }
            else
            {
                // This product is most of the work: in integers, with a scale for each document, so that it does not depend on those beside it.
                step = graph.Node("Div", [graph.Node("ReduceMax", [graph.Node("Abs", [documents]), graph.Constant([1L], 1)]), graph.Constant(127f)]);
                var shifted = graph.Node("Add", [graph.Node("Round", [graph.Node("Div", [documents, step])]), graph.Constant((float)ZeroPoint)]);
                var columns = graph.Node("Transpose", [graph.FirstRows(numbers, last)], [OnnxGraphBuilder.Attribute("perm", [1L, 0L])]);
                var sums = graph.Node("MatMulInteger", [graph.Cast(shifted, DataType.Uint8), columns, graph.Initializer(DataType.Uint8, [ZeroPoint])]);
                scores = graph.Node("Mul", [graph.Cast(sums, DataType.Float), graph.Constant([.. scales!.Zip(expansion.Factors, (s, f) => s * f).Take(pieces)], pieces)]);
            }

            var (best, places) = Largest(scores, pieces, Math.Min(expansion.Terms, pieces));
            return (graph.Node("Mul", [best, step]), places);
        }

        // The largest of each row of some columns. They lie in as many groups of columns, those with the largest maxima, which are far quicker to find.
        (string Values, string Places) Largest(string rows, int columns, int count)
        {
            var size = Enumerable.Range(1, columns / count).Where(s => columns % s == 0).MinBy(s => (columns / s) + (s * count));
            if (size == 1)
            {
                return TopK(rows, count);
            }

            // A group has the columns g, g + groups, g + 2 groups, ...
            var groups = columns / size;
            var maxima = graph.ReduceMax(graph.Node("Reshape", [rows, graph.Constant([0L, size, groups], 3)]), 1);
            var chosen = graph.Unsqueeze(TopK(maxima, count).Places, 1);
            var members = graph.Constant([.. Enumerable.Range(0, size).Select(m => (long)m * groups)], size, 1);
            var places = graph.Node("Reshape", [graph.Node("Add", [chosen, members]), graph.Constant([0L, (long)size * count], 2)]);
            var (values, which) = TopK(At(rows, places), count);
            return (values, At(places, which));
        }

        (string Values, string Places) TopK(string rows, int count)
        {
            // In any order, which spares sorting them.
            var largest = graph.Nodes(2, "TopK", [rows, graph.Constant([(long)count], 1)], [OnnxGraphBuilder.Attribute("axis", -1), OnnxGraphBuilder.Attribute("sorted", 0L)]);
            return (largest[0], largest[1]);
        }

        string At(string rows, string places) => graph.Node("GatherElements", [rows, places], [OnnxGraphBuilder.Attribute("axis", 1)]);

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

        // The table, and where it is stored in eight bits its numbers and the scales of its rows.
        (string Table, string? Numbers, float[]? Scales) Embeddings()
        {
            var values = network.Parameters[BagNetwork.Embeddings].detach().data<float>().ToArray();
            if (!int8)
            {
                return (graph.Constant(values, network.Rows, network.Dimensions), null, null);
            }

            var rows = Int8Rows.FromRows(values, network.Rows, network.Dimensions);
            var stored = graph.Initializer(DataType.Int8, MemoryMarshal.AsBytes(rows.Numbers.AsSpan()), network.Rows, network.Dimensions);
            return (graph.Node("Mul", [graph.Cast(stored, DataType.Float), graph.Constant(rows.Scales, network.Rows, 1)]), stored, rows.Scales);
        }

        string Parameter(string name)
        {
            var value = network.Parameters[name].detach();
            var values = value.data<float>().ToArray();
            if (!int8 || value.shape.Length < 2)
            {
                return graph.Constant(values, value.shape);
            }

            var columns = Int8Rows.FromColumns(values, (int)value.shape[0], (int)value.shape[1]);
            return graph.Node(
                "Mul", [graph.Cast(graph.Initializer(DataType.Int8, MemoryMarshal.AsBytes(columns.Numbers.AsSpan()), value.shape), DataType.Float), graph.Constant(columns.Scales, columns.Scales.Length)]);
        }
    }
}
