using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Lexical;

/// <summary>
/// The document side as an ONNX graph: for pieces with weight, (k + 1) tf / (tf + k (1 - b + b len / avg)) with a fixed average length (the term
/// frequency part of BM25, without collection statistics). No learnt parameters but the list of pieces that count.
/// </summary>
internal static class LexicalGraph
{
    /// <summary>Names of the outputs.</summary>
    public const string Weights = "weights";

    /// <inheritdoc cref="Weights"/>
    public const string Indices = "indices";

    public static byte[] Build(bool[] hasWeight, LexicalModelOptions options, PiecePairs? pairs = null)
    {
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        var mask = graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var nodes = Append(graph, ids, mask, hasWeight, options, pairs);
        Answer(graph, nodes.Weights, [nodes.Places]);
        return graph.ToBytes();
    }

    /// <summary>
    /// Makes weights and their indices, [batch, n] each, the outputs: a vector of 61,331 columns would be copied once by the session, and read by its user, for some hundred weights.
    /// </summary>
    /// <param name="vectors">[batch, vocabulary].</param>
    /// <param name="places">[batch, n] each: where the vectors are not 0. What occurs more than once has the same weight each time.</param>
    public static void Answer(OnnxGraphBuilder graph, string vectors, string[] places)
    {
        var indices = graph.Node("Concat", places, [OnnxGraphBuilder.Attribute("axis", 1)], output: Indices);
        graph.Node("GatherElements", [vectors, indices], [OnnxGraphBuilder.Attribute("axis", 1)], output: Weights);
        graph.Output(Weights, DataType.Float, "batch", "terms");
        graph.Output(Indices, DataType.Int64, "batch", "terms");
    }

    /// <summary>The same as part of a larger graph.</summary>
    public static LexicalNodes Append(OnnxGraphBuilder graph, string ids, string mask, bool[] hasWeight, LexicalModelOptions options, PiecePairs? pairs = null)
    {
        var table = graph.Initializer(DataType.Uint8, [.. hasWeight.Select(w => (byte)(w ? 1 : 0))], hasWeight.Length);
        var counted = graph.Cast(graph.Node("Gather", [table, ids]), DataType.Float);
        var kept = graph.Node("Mul", [counted, graph.Cast(mask, DataType.Float)]);

        var (places, counts, lengths) = pairs is null ? (ids, kept, kept) : AppendPairs(graph, ids, mask, kept, pairs, options.UnspacedLength);

        // zeros [batch, vocabulary]: the shape comes from the ids.
        var batch = graph.Node("Gather", [graph.Node("Shape", [ids]), graph.Constant([0L], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]);
        var shape = graph.Node("Concat", [batch, graph.Constant([hasWeight.Length], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]);
        var zeros = Row(graph.Node("Expand", [graph.Constant(0f), shape]));
        var frequency = Row(graph.Node(
            "ScatterElements", [zeros, places, counts], [OnnxGraphBuilder.Attribute("axis", 1), OnnxGraphBuilder.Attribute("reduction", "add")]));
        var length = graph.ReduceSum(lengths, 1, keep: true);
        var norm = graph.Node(
            "Add",
            [
                graph.Node("Mul", [length, graph.Constant(options.Saturation * options.LengthShare / options.AverageLength)]),
                graph.Constant(options.Saturation * (1 - options.LengthShare)),
            ]);

        // Where nothing was counted the weight is 0 already: only the places of the text's pieces are computed, and written over, one value each however
        // often they occur. Arithmetic on whole rows of 119,139 columns took most of a text's time.
        var atPlaces = graph.Node("GatherElements", [frequency, places], [OnnxGraphBuilder.Attribute("axis", 1)]);
        var saturated = graph.Node(
            "Div", [graph.Node("Mul", [atPlaces, graph.Constant(options.Saturation + 1)]), graph.Node("Add", [atPlaces, norm])]);
        var weights = Row(graph.Node("ScatterElements", [frequency, places, saturated], [OnnxGraphBuilder.Attribute("axis", 1)]));
        return new LexicalNodes(weights, places);

        // All of them in the same memory.
        string Row(string values) => graph.Shaped(values, DataType.Float, "batch", hasWeight.Length);
    }

    /// <summary>What <see cref="PiecePairs.Count"/> does: the ids of pieces and pairs, how much each counts, and how much of the length it is.</summary>
    private static (string Ids, string Counts, string Lengths) AppendPairs(
        OnnxGraphBuilder graph, string ids, string mask, string kept, PiecePairs pairs, float unspacedLength)
    {
        var present = graph.Cast(mask, DataType.Float);
        var left = Kinds(pairs.Left);
        var right = Tail(Kinds(pairs.Right));

        // [batch, sequence - 1]: 1 where a piece and the next one are a pair.
        var equal = graph.Node("And", [graph.Node("Equal", [Head(left), right]), graph.Node("Greater", [right, graph.Constant((float)PiecePairs.None)])]);
        var pair = graph.Node("Mul", [graph.Cast(equal, DataType.Float), Tail(present)]);
        var none = graph.Node("Mul", [Part(present, 0, 1), graph.Constant(0f)]);
        var inPair = graph.Node("Max", [Joined(pair, none), Joined(none, pair)]);
        var counts = graph.Node("Mul", [kept, Less(inPair, pairs.Settings.Share)]);

        var hash = graph.Node("Add", [graph.Node("Mul", [Head(ids), Number(PiecePairs.LeftFactor)]), graph.Node("Mul", [Tail(ids), Number(PiecePairs.RightFactor)])]);
        hash = graph.Node("Mod", [graph.Node("Mod", [hash, Number(PiecePairs.Prime)]), Number(pairs.Settings.Count)]);
        var pairIds = graph.Node("Add", [hash, Number(pairs.Settings.First)]);

        var unspaced = graph.Cast(graph.Node("Equal", [left, graph.Constant((float)PiecePairs.Unspaced)]), DataType.Float);
        var factor = Less(unspaced, unspacedLength);
        return (
            Joined(ids, pairIds),
            Joined(counts, pair),
            Joined(graph.Node("Mul", [counts, factor]), graph.Node("Mul", [pair, Head(factor)])));

        string Kinds(byte[] kinds) => graph.Cast(graph.Node("Gather", [graph.Initializer(DataType.Uint8, kinds, kinds.Length), ids]), DataType.Float);

        // 1 where the flag is 0, and the share where it is 1.
        string Less(string flag, float share) => graph.Node("Sub", [graph.Constant(1f), graph.Node("Mul", [flag, graph.Constant(1 - share)])]);

        string Head(string values) => Part(values, 0, -1);

        string Tail(string values) => Part(values, 1, long.MaxValue);

        string Part(string values, long start, long end) =>
            graph.Node("Slice", [values, graph.Constant([start], 1), graph.Constant([end], 1), graph.Constant([1L], 1)]);

        string Joined(string first, string second) => graph.Node("Concat", [first, second], [OnnxGraphBuilder.Attribute("axis", 1)]);

        string Number(long value) => graph.Constant([value], 1);
    }
}
