
namespace Splade.Encoding.Onnx;

/// <summary>The last layer of a masked language model in somebody's graph: logits = hidden x weight + bias.</summary>
/// <param name="Hidden">[batch, sequence, hidden].</param>
/// <param name="Weight">[hidden, vocabulary]; [vocabulary, hidden] when <paramref name="Transposed"/>.</param>
/// <param name="Half">The layer computes in float16.</param>
internal sealed record VocabularyProjection(string Hidden, string Weight, bool Transposed, string? Bias, bool Half)
{
    // Of nodes that change nothing; a file may hold a circle of them.
    private const int MaxSteps = 100;

    /// <summary>
    /// Walks back from the logits through the forms that exporters write: MatMul and Add, with the weight or its Transpose; Reshape, Gemm, Reshape;
    /// with a Cast from float16 after it. Null when the graph looks otherwise.
    /// </summary>
    public static VocabularyProjection? Find(GraphProto graph, string logits)
    {
        var edges = new GraphEdges(graph);
        var node = Skip(edges, logits, "Identity");
        var half = false;
        if (node is { OpType: "Cast" })
        {
            half = true;
            node = Skip(edges, node.Input[0], "Identity");
        }

        return node?.OpType switch
        {
            "Reshape" => FromGemm(edges, Skip(edges, node.Input[0], "Identity"), half),
            "Add" => FromMatMul(edges, node.Input[0], node.Input[1], half) ?? FromMatMul(edges, node.Input[1], node.Input[0], half),
            "MatMul" => FromMatMul(edges, node, null, half),
            _ => null,
        };
    }

    private static VocabularyProjection? FromMatMul(GraphEdges edges, string product, string bias, bool half) =>
        Skip(edges, product, "Identity") is { OpType: "MatMul" } node && Rank(edges, bias) == 1 ? FromMatMul(edges, node, bias, half) : null;

    private static VocabularyProjection? FromMatMul(GraphEdges edges, NodeProto node, string? bias, bool half) =>
        Rank(edges, node.Input[1]) == 2 ? new VocabularyProjection(node.Input[0], node.Input[1], false, bias, half) : null;

    private static VocabularyProjection? FromGemm(GraphEdges edges, NodeProto? node, bool half)
    {
        if (node is not { OpType: "Gemm" } || Skip(edges, node.Input[0], "Identity") is not { OpType: "Reshape" } rows
            || Rank(edges, node.Input[1]) != 2 || Flag("transA")
            || node.Attribute.Any(a => a.Name is "alpha" or "beta" && a.F != 1f))
        {
            return null;
        }

        var bias = node.Input.Count > 2 ? node.Input[2] : null;
        return bias is null || Rank(edges, bias) == 1 ? new VocabularyProjection(rows.Input[0], node.Input[1], Flag("transB"), bias, half) : null;

        bool Flag(string name) => node.Attribute.Any(a => a.Name == name && a.I != 0);
    }

    /// <summary>The node that makes a value, those of a type that changes nothing left out.</summary>
    private static NodeProto? Skip(GraphEdges edges, string value, string type)
    {
        var node = edges.Producer(value);
        for (var step = 0; node is not null && node.OpType == type; step++)
        {
            node = step < MaxSteps ? edges.Producer(node.Input[0]) : null;
        }

        return node;
    }

    /// <summary>Rank of a constant, seen through nodes that keep it; null for what is no constant.</summary>
    private static int? Rank(GraphEdges edges, string value)
    {
        for (var step = 0; step < MaxSteps; step++)
        {
            if (edges.Initializer(value) is { } tensor)
            {
                return tensor.Dims.Count;
            }

            switch (edges.Producer(value))
            {
                case { OpType: "Constant" } constant:
                    return constant.Attribute.FirstOrDefault(a => a.Name == "value")?.T?.Dims.Count;
                case { OpType: "Identity" or "Transpose" or "Cast" or "DequantizeLinear" } node:
                    value = node.Input[0];
                    break;
                default:
                    return null;
            }
        }

        return null;
    }
}
