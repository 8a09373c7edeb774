using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Splade.Encoding.Onnx;

/// <summary>Builds an ONNX graph node by node. Every method returns the name of what it made, to be fed to the next.</summary>
public sealed class OnnxGraphBuilder
{
    private readonly ModelProto _model;
    private readonly string _prefix;
    private int _names;

    /// <param name="opset">Version of the standard operators; 18 has ScatterElements with a reduction.</param>
    public OnnxGraphBuilder(int opset = 18)
        : this(new ModelProto { IrVersion = 9, ProducerName = "Splade.Cluster", Graph = new GraphProto { Name = "splade" } }, "splade") =>
        _model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });

    /// <summary>Goes on with a graph that is there, in the version of the operators that it uses.</summary>
    /// <param name="prefix">Of new names, so that they differ from those that are there.</param>
    internal OnnxGraphBuilder(ModelProto model, string prefix)
    {
        _model = model;
        _prefix = prefix;
    }

    internal ModelProto Model => _model;

    private long Opset => _model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 0;

    /// <param name="dimensions">A number, or a name for one that varies.</param>
    public string Input(string name, TensorProto.Types.DataType type, params object[] dimensions)
    {
        _model.Graph.Input.Add(Value(name, type, dimensions));
        return name;
    }

    /// <inheritdoc cref="Input"/>
    public string Output(string name, TensorProto.Types.DataType type, params object[] dimensions)
    {
        _model.Graph.Output.Add(Value(name, type, dimensions));
        return name;
    }

    /// <summary>
    /// Declares a value's shape where ONNX Runtime does not infer it. A node whose input and output it knows to be alike may write over its input, and does not copy it.
    /// </summary>
    public string Shaped(string value, TensorProto.Types.DataType type, params object[] dimensions)
    {
        _model.Graph.ValueInfo.Add(Value(value, type, dimensions));
        return value;
    }

    public string Constant(ReadOnlySpan<float> values, params long[] dimensions) =>
        Initializer(TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), dimensions);

    public string Constant(ReadOnlySpan<long> values, params long[] dimensions) =>
        Initializer(TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values), dimensions);

    public string Constant(float value) => Constant([value], []);

    /// <summary>A tensor from its raw little-endian bytes.</summary>
    public string Initializer(TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, params long[] dimensions)
    {
        var tensor = new TensorProto { Name = NewName("c"), DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(dimensions);
        _model.Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>A node with one output.</summary>
    /// <param name="output">Name of the output; null for a new one.</param>
    public string Node(string operation, IEnumerable<string> inputs, IEnumerable<AttributeProto>? attributes = null, string? output = null)
    {
        var name = output ?? NewName("t");
        Add(operation, inputs, attributes, [name]);
        return name;
    }

    /// <summary>A node with several outputs.</summary>
    public string[] Nodes(int outputs, string operation, IEnumerable<string> inputs, IEnumerable<AttributeProto>? attributes = null)
    {
        string[] names = [.. Enumerable.Range(0, outputs).Select(_ => NewName("t"))];
        Add(operation, inputs, attributes, names);
        return names;
    }

    public string Cast(string values, TensorProto.Types.DataType type) => Node("Cast", [values], [Attribute("to", (long)type)]);

    public string Unsqueeze(string values, long axis) => Opset >= 13
        ? Node("Unsqueeze", [values, Constant([axis], 1)])
        : Node("Unsqueeze", [values], [Attribute("axes", [axis])]);

    /// <summary>The first rows, those of the first axis before an end.</summary>
    /// <param name="end">Name of an int64 tensor [1].</param>
    public string FirstRows(string values, string end) => Node("Slice", [values, Constant([0L], 1), end, Constant([0L], 1)]);

    /// <param name="axis">It disappears.</param>
    public string ReduceMax(string values, long axis) => Reduce("ReduceMax", values, axis, keep: false, Opset >= 18);

    /// <inheritdoc cref="ReduceMax"/>
    public string ReduceSum(string values, long axis, bool keep = false) => Reduce("ReduceSum", values, axis, keep, Opset >= 13);

    /// <summary>The <paramref name="count"/> largest of each row, in descending order.</summary>
    public void TopK(string rows, int count, string values, string indices) =>
        Add("TopK", [rows, Constant([(long)count], 1)], [Attribute("axis", -1)], [values, indices]);

    public static AttributeProto Attribute(string name, float value) =>
        new() { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float };

    public static AttributeProto Attribute(string name, long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String };

    public byte[] ToBytes() => _model.ToByteArray();

    private string Reduce(string operation, string values, long axis, bool keep, bool axesAreInput)
    {
        // The axes moved from an attribute to an input, at another version for each operator.
        var keepDimensions = Attribute("keepdims", keep ? 1 : 0);
        return axesAreInput
            ? Node(operation, [values, Constant([axis], 1)], [keepDimensions])
            : Node(operation, [values], [Attribute("axes", [axis]), keepDimensions]);
    }

    private void Add(string operation, IEnumerable<string> inputs, IEnumerable<AttributeProto>? attributes, string[] outputs)
    {
        var node = new NodeProto { OpType = operation, Name = NewName("n") };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes ?? []);
        _model.Graph.Node.Add(node);
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, object[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
        {
            shape.Dim.Add(dimension is string parameter
                ? new TensorShapeProto.Types.Dimension { DimParam = parameter }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dimension, System.Globalization.CultureInfo.InvariantCulture) });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private string NewName(string prefix) => $"{_prefix}_{prefix}{_names++}";
}
