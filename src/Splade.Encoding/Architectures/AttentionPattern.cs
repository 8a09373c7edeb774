using Splade.Encoding.Onnx;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Architectures;

/// <summary>What the tokens of a layer see, and the rotation of their positions.</summary>
/// <param name="ScoreBias">Broadcasts to [batch, heads, query, key].</param>
/// <param name="Cosines">[sequence, head width], as <paramref name="Sines"/>.</param>
internal sealed record AttentionPattern(string ScoreBias, string Cosines, string Sines)
{
    /// <summary>Every token sees every other.</summary>
    public static AttentionPattern Full(GraphPieces pieces, float[] frequencies) => Create(pieces, pieces.KeyIsToken, frequencies, Positions(pieces));

    /// <summary>A token sees those that stand at most <paramref name="reach"/> positions away.</summary>
    public static AttentionPattern Window(GraphPieces pieces, float[] frequencies, int reach)
    {
        var graph = pieces.Graph;
        var positions = Positions(pieces);
        var distances = graph.Node("Abs", [graph.Node("Sub", [graph.Unsqueeze(positions, 1), graph.Unsqueeze(positions, 0)])]);
        var near = graph.Node("LessOrEqual", [distances, graph.Constant((float)reach)]);
        return Create(pieces, graph.Node("And", [near, pieces.KeyIsToken]), frequencies, positions);
    }

    /// <summary>Rotates pairs of dimensions (i, i + width / 2) by position times frequency (arXiv 2104.09864).</summary>
    /// <param name="x">[batch, heads, sequence, width].</param>
    public string Rotate(GraphPieces pieces, string x)
    {
        var halves = pieces.Graph.Nodes(2, "Split", [x], [OnnxGraphBuilder.Attribute("axis", -1), OnnxGraphBuilder.Attribute("num_outputs", 2)]);
        var turned = pieces.Graph.Node("Concat", [pieces.Graph.Node("Neg", [halves[1]]), halves[0]], [OnnxGraphBuilder.Attribute("axis", -1)]);
        return pieces.Add(pieces.Multiply(x, Cosines), pieces.Multiply(turned, Sines));
    }

    /// <summary>0, 1, 2, ... as float32 [sequence].</summary>
    private static string Positions(GraphPieces pieces)
    {
        var graph = pieces.Graph;
        var length = graph.Node("Squeeze", [pieces.Length, graph.Constant([0L], 1)]);
        return graph.Cast(graph.Node("Range", [graph.Constant([0L], []), length, graph.Constant([1L], [])]), DataType.Float);
    }

    private static AttentionPattern Create(GraphPieces pieces, string seen, float[] frequencies, string positions)
    {
        var graph = pieces.Graph;
        var angles = pieces.Multiply(graph.Unsqueeze(positions, 1), graph.Constant([.. frequencies, .. frequencies], frequencies.Length * 2));
        return new AttentionPattern(pieces.ScoreBias(seen), graph.Node("Cos", [angles]), graph.Node("Sin", [angles]));
    }
}
