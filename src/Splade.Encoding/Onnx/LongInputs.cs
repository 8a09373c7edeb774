using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Onnx;

/// <summary>Sessions are given int64. A graph that asks for int32, as tf2onnx and DirectML export it, gets a Cast behind each such input.</summary>
internal static class LongInputs
{
    /// <summary>Reads the ONNX file of a package, as <see cref="OnnxFile.Read"/> does, and lets it take int64.</summary>
    /// <returns>The model, and again as Changed when it is no longer what the file holds; that is null when the file can be run as it is.</returns>
    /// <exception cref="ModelPackageException">The file is no model that we can run.</exception>
    public static (ModelProto Model, ModelProto? Changed) Read(string path, string root)
    {
        var model = OnnxFile.Read(path, root);
        return (model, Require(model) ? model : null);
    }

    /// <summary>Changes the model in place where it has to.</summary>
    /// <returns>Whether it was changed.</returns>
    private static bool Require(ModelProto model)
    {
        var graph = model.Graph;

        // Old files list the weights among the inputs, too.
        var weights = graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        ValueInfoProto[] narrow = [.. graph.Input.Where(i => !weights.Contains(i.Name) && i.Type.TensorType.ElemType == (int)DataType.Int32)];
        var builder = new OnnxGraphBuilder(model, "splade_inputs");
        foreach (var input in narrow)
        {
            input.Type.TensorType.ElemType = (int)DataType.Int64;
            var cast = builder.Cast(input.Name, DataType.Int32);
            var node = graph.Node[^1];
            graph.Node.RemoveAt(graph.Node.Count - 1);
            Rename(graph.Node, input.Name, cast);

            // Nodes stand in the order in which they are run.
            graph.Node.Insert(0, node);
        }

        return narrow.Length > 0;
    }

    /// <summary>Graphs inside of nodes see the values of the graph around them.</summary>
    private static void Rename(IEnumerable<NodeProto> nodes, string from, string to)
    {
        foreach (var node in nodes)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == from ? to : node.Input[i];
            }

            foreach (var inner in node.Attribute.Where(a => a.G is not null).Select(a => a.G))
            {
                Rename(inner.Node, from, to);
                foreach (var output in inner.Output.Where(o => o.Name == from))
                {
                    output.Name = to;
                }
            }
        }
    }
}
