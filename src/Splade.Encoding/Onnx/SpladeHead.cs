using Google.Protobuf;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Onnx;

/// <summary>
/// Puts the SPLADE head into the graph of a masked language model: w_j = log(1 + ReLU(max_i m_i z_ij)), max first because ReLU and log are
/// monotone (SPLADE v2, arXiv 2109.10086); or the sum over the positions (SPLADE v1, arXiv 2107.05720). So [batch, sequence, vocabulary] never leaves the session.
/// </summary>
internal static class SpladeHead
{
    public const string Output = "splade_vector";

    /// <param name="model">Changed in place; the vector becomes its only output.</param>
    /// <param name="logits">Name of the output with the raw logits, [batch, sequence, vocabulary].</param>
    /// <param name="half">The logits are float16.</param>
    /// <param name="mask">Name of the attention mask input, [batch, sequence] of int64.</param>
    public static void Append(ModelProto model, string logits, bool half, string mask, Pooling pooling)
    {
        var opset = model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 0;
        var graph = model.Graph;
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

        // A padded position becomes 0, which never wins over a positive logit, means the same as a negative one, and adds nothing to a sum.
        Node("Cast", [mask], "splade_mask", OnnxGraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Bool));
        if (opset >= 13)
        {
            Node("Unsqueeze", ["splade_mask", "splade_last_axis"], "splade_mask3");
        }
        else
        {
            Node("Unsqueeze", ["splade_mask"], "splade_mask3", Axes(2));
        }

        if (half)
        {
            Node("Cast", [logits], "splade_logits", OnnxGraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Float));
        }

        Node("Where", ["splade_mask3", half ? "splade_logits" : logits, "splade_zero"], "splade_masked");
        if (pooling.Sum)
        {
            Reduce("ReduceSum", Activate("splade_masked"), Output, opset >= 13);
        }
        else
        {
            Reduce("ReduceMax", "splade_masked", "splade_max", opset >= 18);
            Node("Identity", [Activate("splade_max")], Output);
        }

        string Activate(string values)
        {
            Node("Relu", [values], "splade_relu");
            var result = "splade_relu";
            for (var round = 1; round <= (pooling.TwiceLog ? 2 : 1); round++)
            {
                Node("Add", [result, "splade_one"], $"splade_plus{round}");
                Node("Log", [$"splade_plus{round}"], $"splade_log{round}");
                result = $"splade_log{round}";
            }

            return result;
        }

        // Over the positions. The axes moved from an attribute to an input, at another version for each operator.
        void Reduce(string operation, string values, string output, bool axesAreInput)
        {
            if (axesAreInput)
            {
                Node(operation, [values, "splade_middle_axis"], output, OnnxGraphBuilder.Attribute("keepdims", 0));
            }
            else
            {
                Node(operation, [values], output, Axes(1), OnnxGraphBuilder.Attribute("keepdims", 0));
            }
        }

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
