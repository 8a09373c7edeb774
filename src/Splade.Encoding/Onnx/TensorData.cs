using System.Globalization;
using System.Runtime.InteropServices;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Onnx;

/// <summary>Values of a graph's constants, wherever they are stored.</summary>
internal static class TensorData
{
    /// <summary>A float32 tensor's values; null for one of another type.</summary>
    /// <param name="path">File of the model, whose folder other files are relative to.</param>
    /// <exception cref="ModelPackageException">The values are not there, or not as many as the shape says.</exception>
    public static float[]? Floats(TensorProto tensor, string path)
    {
        if (tensor.DataType != (int)TensorProto.Types.DataType.Float)
        {
            return null;
        }

        var values = OnnxFile.Location(tensor) is { } location ? ReadFile(tensor, Path.Combine(Path.GetDirectoryName(path)!, location), path)
            : tensor.FloatData.Count > 0 ? [.. tensor.FloatData]
            : MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
        return values.LongLength == tensor.Dims.Aggregate(1L, (product, d) => product * d)
            ? values
            : throw new ModelPackageException(path, $"The tensor {tensor.Name} has {values.Length} values, but the shape [{string.Join(", ", tensor.Dims)}].");
    }

    /// <summary>Refuses weight matrices with values that are no finite numbers. Constants of other kinds may have them, as masks do.</summary>
    /// <param name="path">File of the model.</param>
    /// <exception cref="ModelPackageException">A weight is damaged, or not there.</exception>
    public static void CheckFinite(ModelProto model, string path)
    {
        foreach (var tensor in model.Graph.Initializer.Where(t => t.Dims.Count == 2))
        {
            var values = Floats(tensor, path) ?? [];
            var bad = values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            if (bad >= 0)
            {
                throw new ModelPackageException(path, $"The tensor {tensor.Name} has the value {values[bad]} at position {bad}: the weights are damaged.");
            }
        }
    }

    private static float[] ReadFile(TensorProto tensor, string file, string model)
    {
        try
        {
            using var stream = RegularFile.Open(file);
            var start = Number("offset") ?? 0;
            var length = Number("length") ?? stream.Length - start;
            if (start < 0 || length < 0 || start > stream.Length - length || length > Array.MaxLength)
            {
                throw new ModelPackageException(model, $"The tensor {tensor.Name} should be at bytes {start} to {start + length} of {file}, which has {stream.Length}.");
            }

            stream.Position = start;
            var values = new float[length / sizeof(float)];
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }
        catch (IOException exception)
        {
            throw new ModelPackageException(model, $"The weights in {file} can't be read: {exception.Message}", exception);
        }

        long? Number(string key) => tensor.ExternalData.LastOrDefault(e => e.Key == key) is { } entry
            ? long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new ModelPackageException(model, $"The {key} of the tensor {tensor.Name} is no number.")
            : null;
    }
}
