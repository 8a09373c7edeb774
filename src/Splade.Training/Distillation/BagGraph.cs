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

    /// <summary>ONNX Runtime's TopK keeps a heap, instead of selecting, where the logarithm of k is less than 0.725 of that of the columns: 574 of them for 100.</summary>
    private const int MostOfSelection = 5;

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
        var expanded = graph.Node(
            "ScatterElements", [terms.Weights, places, added], [OnnxGraphBuilder.Attribute("axis", 1), OnnxGraphBuilder.Attribute("reduction", "add")]);
        LexicalGraph.Answer(graph, expanded, [terms.Places, places]);
        return graph.ToBytes();

        // The states z_i = (E[t_i] Win + pos_i) - their mean, of which LayerNorm makes z_i / s_i * norm + bias, are never computed: all that is read of them is
        // linear in the embeddings but for s_i, whose square has |E[t_i] Win|^2 and |pos_i|^2, constants of the piece and the position, and 2 E[t_i] Win . pos_i.
        // What is made of parameters alone is a constant, which the session computes once, when it is loaded.
        string Encode(string pieces, string present)
        {
            // The last row stands for all pieces that have none of their own.
            var rows = graph.Node("Min", [pieces, graph.Constant([network.Rows - 1L], 1)]);
            var length = graph.Node("Gather", [graph.Node("Shape", [pieces]), graph.Constant([1L], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]);
            var input = Centred(Parameter(BagNetwork.Input));
            var positions = Centred(Parameter(BagNetwork.Positions));
            var norm = Parameter(BagNetwork.NormWeight);
            var attended = Column(graph.Node("Mul", [norm, Parameter(BagNetwork.Attention)]));
            var ofPieces = graph.Node("MatMul", [table, input]);

            // Where the table has eight bits, its rows are looked up as they are stored: a quarter of the memory's work. Their scales come with what else is known of a piece.
            var embeddings = numbers is null ? graph.Node("Gather", [table, rows]) : graph.Cast(graph.Node("Gather", [numbers, rows]), DataType.Float);
            var known = OfEach(
                rows,
                [
                    Mean(graph.Node("Mul", [ofPieces, ofPieces])),
                    graph.Node("MatMul", [ofPieces, attended]),
                    Column(Parameter(BagNetwork.Prior)),
                    graph.Constant(scales ?? [.. Enumerable.Repeat(1f, network.Rows)], network.Rows, 1),
                ]);
            var (square, dot, prior, scale) = (known[0], known[1], known[2], known[3]);

            var both = graph.Node("MatMul", [positions, graph.Node("Transpose", [input], [OnnxGraphBuilder.Attribute("perm", [1L, 0L])])]);
            both = First(graph.Node("Mul", [both, graph.Constant(2f / network.Dimensions)]));
            var ofPositions = graph.Node("Squeeze", [graph.Node("Add", [Mean(graph.Node("Mul", [positions, positions])), graph.Constant(BagNetwork.NormEpsilon)]), graph.Constant([1L], 1)]);
            var variance = Sum(square, First(ofPositions), graph.Node("Mul", [graph.ReduceSum(graph.Node("Mul", [embeddings, both]), 2), scale]));
            var inverse = graph.Node("Reciprocal", [graph.Node("Sqrt", [variance])]);
            var absent = graph.Node("Mul", [graph.Node("Sub", [graph.Constant(1f), graph.Cast(present, DataType.Float)]), graph.Constant(BagNetwork.Never)]);
            var dots = graph.Node("Add", [dot, First(graph.Node("Squeeze", [graph.Node("MatMul", [positions, attended]), graph.Constant([1L], 1)]))]);
            var scores = Sum(graph.Node("Mul", [inverse, dots]), prior, absent);
            var attention = graph.Node("Softmax", [scores], [OnnxGraphBuilder.Attribute("axis", -1)]);
            var ofStates = graph.Node("Mul", [attention, inverse]);

            var output = Parameter(BagNetwork.Output);
            var bias = graph.Node("MatMul", [Parameter(BagNetwork.NormBias), output]);
            output = graph.Node("Mul", [Column(norm), output]);
            var pooled = Sum(
                graph.Node("MatMul", [Pooled(ofStates), graph.Node("MatMul", [input, output])]),
                graph.Node("MatMul", [ofStates, First(graph.Node("MatMul", [positions, output]))]),
                Times(Pooled(attention), BagNetwork.Bag),
                bias);
            pooled = Normalised(pooled, MathF.Sqrt(network.Dimensions));
            var hidden = Gelu(graph.Node("Add", [Times(pooled, BagNetwork.Hidden), Parameter(BagNetwork.HiddenBias)]));
            return Normalised(graph.Node("Add", [Times(pooled, BagNetwork.Straight), Times(hidden, BagNetwork.HiddenOutput)]), 1);

            string First(string values) => graph.FirstRows(values, length);

            // [batch, sequence] x [batch, sequence, dimensions] -> [batch, dimensions].
            string Pooled(string shares) =>
                graph.Node("Squeeze", [graph.Node("MatMul", [graph.Unsqueeze(graph.Node("Mul", [shares, scale]), 1), embeddings]), graph.Constant([1L], 1)]);
        }

        string Sum(params string[] terms) => terms.Aggregate((sum, term) => graph.Node("Add", [sum, term]));

        // Rows less their mean.
        string Centred(string matrix) => graph.Node("Sub", [matrix, Mean(matrix)]);

        // [rows, dimensions] -> [rows, 1].
        string Mean(string matrix) => graph.Node("Div", [graph.ReduceSum(matrix, 1, keep: true), graph.Constant((float)network.Dimensions)]);

        string Column(string values) => graph.Unsqueeze(values, 1);

        // Columns [rows, 1] at some rows [batch, sequence]: as many tensors of that shape, looked up together.
        string[] OfEach(string rows, string[] columns)
        {
            var joined = graph.Node("Concat", columns, [OnnxGraphBuilder.Attribute("axis", 1)]);
            var found = graph.Node("Transpose", [graph.Node("Gather", [joined, rows])], [OnnxGraphBuilder.Attribute("perm", [2L, 0L, 1L])]);
            return [.. Enumerable.Range(0, columns.Length).Select(c => graph.Node("Gather", [found, graph.Constant([(long)c])], [OnnxGraphBuilder.Attribute("axis", 0)]))];
        }

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

        // The largest of each row of some columns. They lie in as many groups of columns, those with the largest maxima, and these are found in the same way: to choose
        // among few is far quicker, as ONNX Runtime selects them, where it keeps a heap for the best of many.
        (string Values, string Places) Largest(string rows, int columns, int count)
        {
            var size = columns <= MostOfSelection * count ? 0 : Enumerable.Range(2, MostOfSelection - 1).LastOrDefault(s => columns % s == 0);
            if (size == 0)
            {
                return TopK(rows, count);
            }

            // A group has the columns g, g + groups, g + 2 groups, ...
            var groups = columns / size;
            var maxima = graph.ReduceMax(graph.Node("Reshape", [rows, graph.Constant([0L, size, groups], 3)]), 1);
            var chosen = graph.Unsqueeze(Largest(maxima, groups, count).Places, 1);
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
