using Splade.Encoding.Packages;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Onnx;

/// <summary>
/// The SPLADE head inside a graph: w_j = log(1 + ReLU(max_i m_i z_ij)), max first because ReLU and log are monotone (SPLADE v2, arXiv 2109.10086);
/// or the sum over the positions (SPLADE v1, arXiv 2107.05720). So [batch, sequence, vocabulary] never leaves the session.
/// </summary>
/// <param name="mask">Name of the attention mask input, [batch, sequence] of int64; rows are padded on the right.</param>
/// <param name="zeroed">Vocabulary ids whose weights become 0, of a vocabulary of <paramref name="vocabulary"/>.</param>
internal sealed class SpladeHead(OnnxGraphBuilder graph, string mask, Pooling pooling, IReadOnlyCollection<int> zeroed, int vocabulary)
{
    public const string Vector = "splade_vector";
    public const string WithoutSpecial = "splade_vector_without_special";
    public const string Indices = "splade_indices";
    public const string Weights = "splade_weights";

    /// <summary>
    /// From the input of the vocabulary projection. A padded row is replaced by the text's first row, which does not change a maximum, so the
    /// projection needs no mask; and the bias is added to the maximum instead of to every position.
    /// </summary>
    /// <param name="hidden">[batch, sequence, hidden].</param>
    /// <param name="projection">[hidden, vocabulary].</param>
    /// <param name="bias">[vocabulary], or null.</param>
    /// <param name="half">The graph computes in float16 here.</param>
    public GraphOutput FromHidden(string hidden, string projection, string? bias, bool half = false)
    {
        if (pooling.Sum)
        {
            var product = graph.Node("MatMul", [hidden, projection]);
            return FromLogits(bias is null ? product : graph.Node("Add", [product, bias]), half);
        }

        var first = graph.Node("Gather", [hidden, graph.Constant([0L], 1)], [OnnxGraphBuilder.Attribute("axis", 1)]);
        var filled = graph.Node("Where", [IsToken(), hidden, first]);
        var highest = graph.ReduceMax(graph.Node("MatMul", [filled, projection]), 1);
        var logits = bias is null ? highest : graph.Node("Add", [highest, bias]);
        return Finish(Activate(half ? graph.Cast(logits, DataType.Float) : logits));
    }

    /// <summary>From raw logits [batch, sequence, vocabulary].</summary>
    /// <param name="half">They are float16.</param>
    public GraphOutput FromLogits(string logits, bool half)
    {
        // A padded position becomes 0, which never wins over a positive logit, means the same as a negative one, and adds nothing to a sum.
        var masked = graph.Node("Where", [IsToken(), half ? graph.Cast(logits, DataType.Float) : logits, graph.Constant(0f)]);
        return Finish(pooling.Sum ? graph.ReduceSum(Activate(masked), 1) : Activate(graph.ReduceMax(masked, 1)));
    }

    /// <summary>From finished vectors [batch, vocabulary]: what is left is to zero and to choose.</summary>
    public GraphOutput FromVector(string vector) => Finish(vector);

    /// <summary>[batch, sequence, 1] of bool.</summary>
    private string IsToken() => graph.Unsqueeze(graph.Cast(mask, DataType.Bool), 2);

    private string Activate(string values)
    {
        var result = graph.Node("Relu", [values]);
        for (var round = 1; round <= (pooling.TwiceLog ? 2 : 1); round++)
        {
            result = graph.Node("Log", [graph.Node("Add", [result, graph.Constant(1f)])]);
        }

        return result;
    }

    private GraphOutput Finish(string vector)
    {
        if (zeroed.Count > 0)
        {
            var kept = new float[vocabulary];
            kept.AsSpan().Fill(1f);
            foreach (var id in zeroed)
            {
                kept[id] = 0f;
            }

            vector = graph.Node("Mul", [vector, graph.Constant(kept, vocabulary)]);
        }

        graph.Model.Graph.Output.Clear();
        if (pooling.MaxActive is { } most && most < vocabulary)
        {
            graph.TopK(vector, most, Weights, Indices);
            graph.Output(Weights, DataType.Float, "batch", most);
            graph.Output(Indices, DataType.Int64, "batch", most);
            return new GraphOutput(OutputForm.TopK, Weights, Indices);
        }

        var name = zeroed.Count > 0 ? WithoutSpecial : Vector;
        graph.Node("Identity", [vector], output: name);
        graph.Output(name, DataType.Float, "batch", vocabulary);
        return new GraphOutput(OutputForm.Vector, name);
    }
}
