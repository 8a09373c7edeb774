using System.Runtime.InteropServices;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Onnx;

/// <summary>
/// Dynamic int8 quantisation of a graph's weights: every product with a constant matrix becomes DynamicQuantizeLinear, MatMulInteger, Cast, Mul,
/// which ONNX Runtime fuses. Weights are symmetric with one scale a column; activations are quantised at run time with one scale for the batch, so a
/// text's vector depends a little on the texts beside it. A table of word embeddings that is also the vocabulary projection is stored once.
/// </summary>
/// <param name="path">File that the model comes from.</param>
internal sealed class Int8Quantizer(ModelProto model, string path)
{
    // Smaller tables, such as those of positions, are not worth it.
    private const int MinTableRows = 1000;

    // The first version with DynamicQuantizeLinear.
    private const int MinOpset = 11;

    private readonly OnnxGraphBuilder _graph = new(model, "splade_int8");
    private readonly Dictionary<string, (string Numbers, string Scales)> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _inputs = new(StringComparer.Ordinal);
    private Dictionary<string, TensorProto> _initializers = [];
    private Dictionary<string, NodeProto> _transposes = [];
    private ILookup<string, NodeProto> _consumers = Enumerable.Empty<NodeProto>().ToLookup(_ => "");

    /// <summary>Changes the model in place.</summary>
    /// <exception cref="ModelPackageException">There is nothing to quantise, or the graph is too old.</exception>
    public void Quantize()
    {
        if ((model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 0) < MinOpset)
        {
            throw new ModelPackageException(path, $"int8 needs operators of version {MinOpset} or later. Import the model without --int8.");
        }

        NodeProto[] nodes = [.. model.Graph.Node];
        _initializers = model.Graph.Initializer.Where(i => i.Dims.Count == 2 && i.DataType == (int)DataType.Float)
            .ToDictionary(i => i.Name, StringComparer.Ordinal);
        _transposes = nodes.Where(n => n.OpType == "Transpose" && _initializers.ContainsKey(n.Input[0]) && Swaps(n))
            .ToDictionary(n => n.Output[0], StringComparer.Ordinal);
        _consumers = nodes.SelectMany(n => n.Input.Select(i => (Input: i, Node: n))).ToLookup(p => p.Input, p => p.Node, StringComparer.Ordinal);
        model.Graph.Node.Clear();
        foreach (var node in nodes)
        {
            if (!TryMatMul(node) && !TryGather(node))
            {
                model.Graph.Node.Add(node);
            }
        }

        if (_weights.Count == 0)
        {
            throw new ModelPackageException(path, "The graph has no float32 weights to quantise. Import the model without --int8.");
        }

        GraphEdges.Prune(model.Graph);
    }

    private static bool Swaps(NodeProto transpose) =>
        transpose.Attribute.FirstOrDefault(a => a.Name == "perm") is not { } perm || perm.Ints.SequenceEqual([1L, 0L]);

    private bool TryMatMul(NodeProto node)
    {
        if (node.OpType != "MatMul")
        {
            return false;
        }

        string numbers, scales;
        if (_initializers.TryGetValue(node.Input[1], out var matrix))
        {
            (numbers, scales) = Columns(matrix);
        }
        else if (_transposes.TryGetValue(node.Input[1], out var transpose))
        {
            (var rows, scales) = Rows(_initializers[transpose.Input[0]]);
            numbers = _graph.Node("Transpose", [rows], [OnnxGraphBuilder.Attribute("perm", [1L, 0L])]);
        }
        else
        {
            return false;
        }

        var input = Input(node.Input[0]);
        var product = _graph.Cast(_graph.Node("MatMulInteger", [input[0], numbers, input[2]]), DataType.Float);
        _graph.Node("Mul", [product, _graph.Node("Mul", [input[1], scales])], output: node.Output[0]);
        return true;
    }

    /// <summary>Rows of a large table, when nothing but such look-ups and vocabulary projections use it.</summary>
    private bool TryGather(NodeProto node)
    {
        if (node.OpType != "Gather" || !_initializers.TryGetValue(node.Input[0], out var table) || table.Dims[0] < MinTableRows
            || !_consumers[table.Name].All(n => IsRowLookUp(n) || IsProjection(n)))
        {
            return false;
        }

        var (numbers, scales) = Rows(table);
        var rows = _graph.Cast(_graph.Node("Gather", [numbers, node.Input[1]]), DataType.Float);
        var columns = _graph.Unsqueeze(_graph.Node("Gather", [scales, node.Input[1]]), -1);
        _graph.Node("Mul", [rows, columns], output: node.Output[0]);
        return true;
    }

    private static bool IsRowLookUp(NodeProto node) => node.OpType == "Gather" && (node.Attribute.FirstOrDefault(a => a.Name == "axis")?.I ?? 0) == 0;

    private bool IsProjection(NodeProto node) =>
        _transposes.ContainsKey(node.Output[0]) && _consumers[node.Output[0]].All(n => n.OpType == "MatMul" && n.Input[1] == node.Output[0]);

    /// <summary>The quantised input of products: its numbers, their scale, their zero point.</summary>
    private string[] Input(string values) =>
        _inputs.TryGetValue(values, out var known) ? known : _inputs[values] = _graph.Nodes(3, "DynamicQuantizeLinear", [values]);

    private (string Numbers, string Scales) Columns(TensorProto matrix) => Weights(matrix.Name, matrix, Int8Rows.FromColumns);

    private (string Numbers, string Scales) Rows(TensorProto table) => Weights(table.Name + " by row", table, Int8Rows.FromRows);

    private (string Numbers, string Scales) Weights(string key, TensorProto tensor, Func<float[], int, int, Int8Rows> quantize)
    {
        if (!_weights.TryGetValue(key, out var known))
        {
            var (numbers, scales) = quantize(TensorData.Floats(tensor, path)!, (int)tensor.Dims[0], (int)tensor.Dims[1]);
            known = _weights[key] = (
                _graph.Initializer(DataType.Int8, MemoryMarshal.AsBytes(numbers.AsSpan()), tensor.Dims[0], tensor.Dims[1]),
                _graph.Constant(scales, scales.Length));
        }

        return known;
    }
}
