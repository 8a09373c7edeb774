using Google.Protobuf;

namespace Splade.Encoding.Onnx;

/// <summary>A model file as a graph, and which of its outputs is what we need.</summary>
/// <param name="Output">Name of the vectors [batch, vocabulary] or of the raw logits [batch, sequence, vocabulary].</param>
/// <param name="Pooled">The output holds vectors.</param>
/// <param name="Half">The output is float16.</param>
internal sealed record ModelGraph(ModelProto Model, string Output, bool Pooled, bool Half)
{
    private static readonly string[] Inputs = ["input_ids", "attention_mask", "token_type_ids"];

    /// <param name="root">Folder of the package, which no reference of the file may leave.</param>
    /// <param name="vocabulary">Pieces of the tokenizer; the output must have a column for each.</param>
    /// <exception cref="ModelPackageException">The file is no model that we can run.</exception>
    public static ModelGraph Read(string path, string root, int vocabulary)
    {
        ModelProto model;
        try
        {
            using var stream = File.OpenRead(path);
            model = ModelProto.Parser.ParseFrom(stream);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(path, $"This is no readable ONNX file: {exception.Message}", exception);
        }

        if (model.Graph is null)
        {
            throw new ModelPackageException(path, "The file holds no graph.");
        }

        CheckReferences(model.Graph, path, root);
        CheckInputs(model.Graph, path);
        return Find(model, 2, vocabulary) ?? Find(model, 3, vocabulary) ?? throw new ModelPackageException(
            path,
            $"The graph has neither vectors [batch, vocabulary] nor raw logits [batch, sequence, vocabulary] for the {vocabulary} pieces of the tokenizer. "
            + $"Its outputs: {string.Join(", ", model.Graph.Output.Select(Describe))}.");
    }

    private static ModelGraph? Find(ModelProto model, int rank, int vocabulary)
    {
        var output = model.Graph.Output.FirstOrDefault(o => o.Type?.TensorType is
            {
                ElemType: (int)TensorProto.Types.DataType.Float or (int)TensorProto.Types.DataType.Float16,
                Shape: { } shape,
            }
            && shape.Dim.Count == rank
            && (shape.Dim[^1].ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue || shape.Dim[^1].DimValue >= vocabulary));
        return output is null
            ? null
            : new ModelGraph(model, output.Name, rank == 2, output.Type.TensorType.ElemType == (int)TensorProto.Types.DataType.Float16);
    }

    private static void CheckInputs(GraphProto graph, string path)
    {
        // Old files list the weights among the inputs, too.
        var weights = graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.Input.Where(i => !weights.Contains(i.Name)).ToArray();
        foreach (var input in inputs)
        {
            if (!Inputs.Contains(input.Name))
            {
                throw new ModelPackageException(path, $"The graph asks for an input [{input.Name}]; known are {string.Join(", ", Inputs)}.");
            }

            if (input.Type?.TensorType?.ElemType != (int)TensorProto.Types.DataType.Int64)
            {
                throw new ModelPackageException(path, $"The input [{input.Name}] is no int64 tensor.");
            }
        }

        foreach (var required in Inputs[..2])
        {
            if (!inputs.Any(i => i.Name == required))
            {
                throw new ModelPackageException(path, $"The graph has no input [{required}].");
            }
        }
    }

    /// <summary>Weights in other files must lie in the package.</summary>
    private static void CheckReferences(GraphProto graph, string path, string root)
    {
        foreach (var location in Tensors(graph).SelectMany(t => t.ExternalData).Where(e => e.Key == "location").Select(e => e.Value).Distinct())
        {
            var file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, location));
            if (!file.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new ModelPackageException(path, $"The graph refers to [{location}], which leads out of the package.");
            }

            if (!File.Exists(file))
            {
                throw new ModelPackageException(path, $"The graph refers to [{location}], which is not there.");
            }
        }
    }

    private static IEnumerable<TensorProto> Tensors(GraphProto graph)
    {
        var attributes = graph.Node.SelectMany(n => n.Attribute).ToArray();
        return graph.Initializer
            .Concat(attributes.Where(a => a.T is not null).Select(a => a.T))
            .Concat(attributes.Where(a => a.G is not null).SelectMany(a => Tensors(a.G)));
    }

    private static string Describe(ValueInfoProto output)
    {
        var type = output.Type?.TensorType;
        var dimensions = type?.Shape?.Dim.Select(d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue
            ? d.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : d.DimParam);
        return $"{output.Name} of {(TensorProto.Types.DataType)(type?.ElemType ?? 0)} [{(dimensions is null ? "no shape" : string.Join(", ", dimensions))}]";
    }
}
