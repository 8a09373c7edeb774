using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Splade.Encoding.Onnx;

/// <summary>Builds an ONNX graph node by node. Every method returns the name of what it made, to be fed to the next.</summary>
public sealed class OnnxGraphBuilder
{
    private readonly ModelProto _model = new() { IrVersion = 9, ProducerName = "Splade.Cluster", Graph = new GraphProto { Name = "splade" } };
    private int _names;

    /// <param name="opset">Version of the standard operators; 18 has ScatterElements with a reduction.</param>
    public OnnxGraphBuilder(int opset = 18) => _model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });

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
        var node = new NodeProto { OpType = operation, Name = NewName("n") };
        node.Input.AddRange(inputs);
        node.Output.Add(name);
        node.Attribute.AddRange(attributes ?? []);
        _model.Graph.Node.Add(node);
        return name;
    }

    public static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String };

    public byte[] ToBytes() => _model.ToByteArray();

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

    private string NewName(string prefix) => $"splade_{prefix}{_names++}";
}
