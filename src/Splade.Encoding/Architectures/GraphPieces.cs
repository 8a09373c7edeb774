using Splade.Encoding.Onnx;
using Splade.Encoding.Safetensors;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Architectures;

/// <summary>
/// Pieces that all encoders are built from. Texts are rows of a batch, padded on the right: shapes are [batch, sequence, hidden] unless a comment
/// says otherwise. Weights are taken from the safetensors by name and checked against the shape that config.json asks for.
/// </summary>
internal sealed class GraphPieces(ModelWeights weights)
{
    /// <summary>Added to the score of a key that must not be seen: exp of it is 0, and sums of two are still finite.</summary>
    private const float Unseen = -1e9f;

    // 20 has Gelu, in the exact and the tanh form.
    private const int Opset = 20;

    public OnnxGraphBuilder Graph { get; } = new(Opset);

    public ModelWeights Weights { get; } = weights;

    public string Ids { get; private set; } = "";

    /// <summary>1 for a token, 0 for padding; int64 [batch, sequence].</summary>
    public string Mask { get; private set; } = "";

    /// <summary>Length of the padded batch; int64 [1].</summary>
    public string Length { get; private set; } = "";

    /// <summary>Where a token stands, for scores [batch, heads, query, key]: bool [batch, 1, 1, sequence].</summary>
    public string KeyIsToken { get; private set; } = "";

    public void AddInputs()
    {
        Ids = Graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        Mask = Graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        Length = Graph.Node("Shape", [Ids], [OnnxGraphBuilder.Attribute("start", 1)]);
        KeyIsToken = Graph.Unsqueeze(Graph.Unsqueeze(Graph.Cast(Mask, DataType.Bool), 1), 1);
    }

    /// <summary>A table [rows, columns] as a constant.</summary>
    public string Table(string name, int rows, int columns) => Graph.Constant(Weights.Read(name, rows, columns), rows, columns);

    /// <summary>A vector [size] as a constant.</summary>
    public string Vector(string name, int size) => Graph.Constant(Weights.Read(name, size), size);

    public string Gather(string table, string ids) => Graph.Node("Gather", [table, ids]);

    public string Add(string a, string b) => Graph.Node("Add", [a, b]);

    public string Multiply(string a, string b) => Graph.Node("Mul", [a, b]);

    /// <summary>x W^T + b of a Linear layer, whose weight is [outputs, inputs].</summary>
    public string Linear(string x, string name, int inputs, int outputs, bool bias = true) => Linear(x, [name], inputs, outputs, bias);

    /// <summary>Linear layers of the same input as one product, their outputs side by side: x [.., inputs] -> [.., names x outputs].</summary>
    public string Linear(string x, string[] names, int inputs, int outputs, bool bias = true)
    {
        // Read before anything is allocated, so that only sizes which the files really have count.
        float[][] parts = [.. names.Select(n => Weights.Read(n + ".weight", outputs, inputs))];
        var width = names.Length * outputs;
        var stacked = new float[(long)inputs * width];
        for (var n = 0; n < names.Length; n++)
        {
            Transpose(parts[n], outputs, inputs, stacked.AsSpan(n * outputs), width);
        }

        var product = Graph.Node("MatMul", [x, Graph.Constant(stacked, inputs, width)]);
        if (!bias)
        {
            return product;
        }

        float[] biases = [.. names.SelectMany(n => Weights.Read(n + ".bias", outputs))];
        return Add(product, Graph.Constant(biases, width));
    }

    /// <summary>Layer normalisation; old checkpoints name its parameters gamma and beta.</summary>
    public string LayerNorm(string x, string name, int size, double epsilon, bool bias = true)
    {
        var scale = Vector(Weights.Has(name + ".gamma") ? name + ".gamma" : name + ".weight", size);
        string[] inputs = bias
            ? [x, scale, Vector(Weights.Has(name + ".beta") ? name + ".beta" : name + ".bias", size)]
            : [x, scale];
        return Graph.Node("LayerNormalization", inputs, [OnnxGraphBuilder.Attribute("epsilon", (float)epsilon)]);
    }

    /// <summary>What is added to scores: 0 where the key may be seen.</summary>
    /// <param name="seen">bool, broadcast to [batch, heads, query, key].</param>
    public string ScoreBias(string seen) => Graph.Node("Where", [seen, Graph.Constant(0f), Graph.Constant(Unseen)]);

    /// <summary>[batch, sequence, heads x width] -> [batch, heads, sequence, width].</summary>
    public string SplitHeads(string x, int heads, int width) => Graph.Node(
        "Transpose", [Graph.Node("Reshape", [x, Graph.Constant([0L, 0L, heads, width], 4)])], [OnnxGraphBuilder.Attribute("perm", [0L, 2L, 1L, 3L])]);

    /// <summary>softmax(q k^T / sqrt(width) + bias) v, heads put side by side again (arXiv 1706.03762, section 3.2).</summary>
    /// <param name="query">[batch, heads, sequence, width], as <paramref name="key"/> and <paramref name="value"/>.</param>
    /// <param name="scoreBias">See <see cref="ScoreBias"/>.</param>
    public string Attention(string query, string key, string value, string scoreBias, int heads, int width)
    {
        var scaled = Multiply(query, Graph.Constant((float)(1 / Math.Sqrt(width))));
        var keys = Graph.Node("Transpose", [key], [OnnxGraphBuilder.Attribute("perm", [0L, 1L, 3L, 2L])]);
        var scores = Add(Graph.Node("MatMul", [scaled, keys]), scoreBias);
        var seen = Graph.Node("MatMul", [Graph.Node("Softmax", [scores], [OnnxGraphBuilder.Attribute("axis", -1)]), value]);
        var rows = Graph.Node("Transpose", [seen], [OnnxGraphBuilder.Attribute("perm", [0L, 2L, 1L, 3L])]);
        return Graph.Node("Reshape", [rows, Graph.Constant([0L, 0L, (long)heads * width], 3)]);
    }

    /// <summary>Three equal parts of the last axis: queries, keys and values of a product that made them together.</summary>
    public (string Query, string Key, string Value) SplitInThree(string x)
    {
        var parts = Graph.Nodes(3, "Split", [x], [OnnxGraphBuilder.Attribute("axis", -1), OnnxGraphBuilder.Attribute("num_outputs", 3)]);
        return (parts[0], parts[1], parts[2]);
    }

    /// <summary>Copies [rows, columns] as [columns, rows] into a matrix whose rows are <paramref name="stride"/> wide; in tiles, for the cache.</summary>
    private static void Transpose(float[] from, int rows, int columns, Span<float> to, int stride)
    {
        const int tile = 32;
        for (var row = 0; row < rows; row += tile)
        {
            for (var column = 0; column < columns; column += tile)
            {
                for (var r = row; r < Math.Min(row + tile, rows); r++)
                {
                    for (var c = column; c < Math.Min(column + tile, columns); c++)
                    {
                        to[(c * stride) + r] = from[(r * columns) + c];
                    }
                }
            }
        }
    }
}
