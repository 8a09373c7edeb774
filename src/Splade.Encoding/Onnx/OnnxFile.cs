using Google.Protobuf;
using Splade.Encoding.Packages;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Onnx;

/// <summary>Reads and checks the ONNX file of a package.</summary>
internal static class OnnxFile
{
    private static readonly string[] Inputs = ["input_ids", "attention_mask", "token_type_ids"];

    /// <param name="root">Folder of the package, which no reference of the file may leave.</param>
    /// <exception cref="ModelPackageException">The file is no model of texts, or refers to files that it may not use.</exception>
    public static ModelProto Read(string path, string root)
    {
        var model = Parse(path);
        CheckReferences(model.Graph, path, root);
        CheckInputs(model.Graph, path);
        return model;
    }

    public static IEnumerable<TensorProto> Tensors(GraphProto graph)
    {
        var attributes = graph.Node.SelectMany(n => n.Attribute).ToArray();
        return graph.Initializer
            .Concat(attributes.Where(a => a.T is not null).Select(a => a.T))
            .Concat(attributes.Where(a => a.G is not null).SelectMany(a => Tensors(a.G)));
    }

    /// <summary>The file with a tensor's values, relative to that of the model; null when they are in the model.</summary>
    public static string? Location(TensorProto tensor) => tensor.ExternalData.LastOrDefault(e => e.Key == "location")?.Value;

    public static ModelPackageException NoOutput(GraphProto graph, string path, string expected) => new(
        path, $"The graph has neither {expected}. Its outputs: {string.Join(", ", graph.Output.Select(Describe))}.");

    /// <summary>Rows of the table of absolute positions, by the name that exporters keep; null when there is none.</summary>
    /// <exception cref="ModelPackageException">The file can't be read.</exception>
    public static int? PositionRows(string path) => Parse(path).Graph.Initializer
        .Where(i => i.Name.EndsWith("position_embeddings.weight", StringComparison.Ordinal) && i.Dims.Count == 2)
        .Select(i => (int?)Math.Min(i.Dims[0], int.MaxValue)).FirstOrDefault();

    private static ModelProto Parse(string path)
    {
        try
        {
            using var stream = RegularFile.Open(path);
            var model = ModelProto.Parser.ParseFrom(stream);
            return model.Graph is null ? throw new ModelPackageException(path, "The file holds no graph.") : model;
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(path, $"This is no readable ONNX file: {exception.Message}", exception);
        }
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

            if (input.Type?.TensorType?.ElemType is not ((int)DataType.Int64 or (int)DataType.Int32))
            {
                throw new ModelPackageException(path, $"The input [{input.Name}] is neither an int64 nor an int32 tensor.");
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
        foreach (var location in Tensors(graph).Select(Location).OfType<string>().Distinct())
        {
            var file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, location));
            if (!file.StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                throw new ModelPackageException(path, $"The graph refers to [{location}], which leads out of the package.");
            }

            if (!RegularFile.Exists(file))
            {
                throw new ModelPackageException(path, $"The graph refers to [{location}], which is not there.");
            }
        }
    }

    private static string Describe(ValueInfoProto output)
    {
        var type = output.Type?.TensorType;
        var dimensions = type?.Shape?.Dim.Select(d => d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue
            ? d.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : d.DimParam);
        return $"{output.Name} of {(DataType)(type?.ElemType ?? 0)} [{(dimensions is null ? "no shape" : string.Join(", ", dimensions))}]";
    }
}
