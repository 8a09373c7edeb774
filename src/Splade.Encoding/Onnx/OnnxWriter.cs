using Google.Protobuf;

namespace Splade.Encoding.Onnx;

/// <summary>Writes models. Weights go into the file itself as long as a protobuf message can hold them, else into a file beside it.</summary>
internal static class OnnxWriter
{
    // A message can have 2 GB. ONNX Runtime holds a model that it is given as bytes twice while it loads it.
    private const long MaxBytes = 1L << 30;

    // Small tensors stay in the graph: shapes, axes.
    private const int MinExternalBytes = 1024;

    public static bool FitsInMemory(ModelProto model) => WeightBytes(model) <= MaxBytes;

    /// <param name="source">File that the model comes from; weights that it has in other files are copied.</param>
    /// <param name="path">File to be written.</param>
    /// <param name="maxBytes">Weights that the file itself may hold.</param>
    public static void Write(ModelProto model, string source, string path, long maxBytes = MaxBytes)
    {
        foreach (var location in Tensors(model).Select(OnnxFile.Location).OfType<string>().Distinct())
        {
            var target = Path.Combine(Path.GetDirectoryName(path)!, location);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Path.GetDirectoryName(source)!, location), target);
        }

        if (WeightBytes(model) > maxBytes)
        {
            model = model.Clone();
            MoveOut(model, path + "_data");
        }

        using var stream = File.Create(path);
        model.WriteTo(stream);
    }

    private static void MoveOut(ModelProto model, string path)
    {
        using var data = File.Create(path);
        foreach (var tensor in Tensors(model).Where(t => t.RawData.Length >= MinExternalBytes))
        {
            var start = data.Position;
            tensor.RawData.WriteTo(data);
            tensor.ExternalData.Add(Entry("location", Path.GetFileName(path)));
            tensor.ExternalData.Add(Entry("offset", start.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            tensor.ExternalData.Add(Entry("length", tensor.RawData.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.RawData = ByteString.Empty;
        }
    }

    private static long WeightBytes(ModelProto model) => Tensors(model).Sum(t => (long)t.RawData.Length);

    private static IEnumerable<TensorProto> Tensors(ModelProto model) => OnnxFile.Tensors(model.Graph);

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
