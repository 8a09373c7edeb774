using Google.Protobuf;

namespace Splade.Encoding.Onnx;

/// <summary>
/// Puts the SPLADE head into the graph of a masked language model: w_j = log(1 + ReLU(max_i m_i z_ij)), max first because ReLU and log are
/// monotone (SPLADE v2, arXiv 2109.10086). So [batch, sequence, vocabulary] never leaves the session.
/// </summary>
internal static class SpladeHead
{
    public const string Output = "splade_vector";

    /// <param name="logits">Name of the output with the raw logits, [batch, sequence, vocabulary].</param>
    /// <param name="mask">Name of the attention mask input, [batch, sequence] of int64.</param>
    public static byte[] Append(byte[] model, string logits, string mask)
    {
        var proto = ModelProto.Parser.ParseFrom(model);
        var opset = proto.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 0;
        var graph = proto.Graph;
        graph.Output.Clear();
        graph.Output.Add(new ValueInfoProto
        {
            Name = Output,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } },
        });
        Constant("splade_last_axis", [1], [2]);
        Constant("splade_middle_axis", [1], [1]);
        Scalar("splade_zero", 0f);
        Scalar("splade_one", 1f);

        // A padded position becomes 0, which never wins over a positive logit and means the same as a negative one.
        Node("Cast", [mask], "splade_mask", OnnxGraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Bool));
        if (opset >= 13)
        {
            Node("Unsqueeze", ["splade_mask", "splade_last_axis"], "splade_mask3");
        }
        else
        {
            Node("Unsqueeze", ["splade_mask"], "splade_mask3", Axes(2));
        }

        Node("Where", ["splade_mask3", logits, "splade_zero"], "splade_masked");
        if (opset >= 18)
        {
            Node("ReduceMax", ["splade_masked", "splade_middle_axis"], "splade_max", OnnxGraphBuilder.Attribute("keepdims", 0));
        }
        else
        {
            Node("ReduceMax", ["splade_masked"], "splade_max", Axes(1), OnnxGraphBuilder.Attribute("keepdims", 0));
        }

        Node("Relu", ["splade_max"], "splade_relu");
        Node("Add", ["splade_relu", "splade_one"], "splade_plus");
        Node("Log", ["splade_plus"], Output);
        return proto.ToByteArray();

        void Node(string operation, string[] inputs, string output, params AttributeProto[] attributes)
        {
            var node = new NodeProto { OpType = operation, Name = output + "_node" };
            node.Input.AddRange(inputs);
            node.Output.Add(output);
            node.Attribute.AddRange(attributes);
            graph.Node.Add(node);
        }

        void Constant(string name, long[] dimensions, long[] values)
        {
            var tensor = new TensorProto
            {
                Name = name,
                DataType = (int)TensorProto.Types.DataType.Int64,
                RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())),
            };
            tensor.Dims.AddRange(dimensions);
            graph.Initializer.Add(tensor);
        }

        void Scalar(string name, float value) => graph.Initializer.Add(new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Float,
            RawData = ByteString.CopyFrom(BitConverter.GetBytes(value)),
        });
    }

    private static AttributeProto Axes(long axis)
    {
        var attribute = new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(axis);
        return attribute;
    }
}
