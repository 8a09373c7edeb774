using Splade.Encoding.Architectures;

namespace Splade.Encoding.Packages;

/// <summary>
/// Where the weights of a transformer lie: safetensors, from which we build the graph, or an ONNX file. Safetensors are taken first: they are
/// the model itself, an ONNX file beside them may be an older or a quantised copy.
/// </summary>
/// <param name="Path">Full path of the file; of sharded safetensors, their index.</param>
/// <param name="Config">Full path of the config.json that describes safetensors; null for ONNX.</param>
internal sealed record WeightFiles(string Path, string? Config)
{
    private const string Single = "model.safetensors";
    private const string Sharded = "model.safetensors.index.json";
    private const string Adapter = "adapter_config.json";
    private static readonly string[] Others = ["pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "model.ckpt.index"];

    /// <param name="folder">Of the transformer, relative to the package.</param>
    /// <param name="orRoot">An ONNX file in the root of the package will do, too.</param>
    /// <exception cref="ModelPackageException">No weights that we can run.</exception>
    public static WeightFiles Find(PackageFiles files, string folder, bool orRoot)
    {
        if (files.Has(In(Adapter)))
        {
            throw files.Error(In(Adapter), "The package is an adapter (LoRA) for another model, or has one beside its weights. Merge it into its base model (merge_and_unload) and save that.");
        }

        var named = new[] { In("onnx/model.onnx"), In("model.onnx"), orRoot ? "onnx/model.onnx" : In("onnx/model.onnx") }.FirstOrDefault(files.Has);
        string[] graphs = named is not null ? [named] : [.. Graphs(files, In("onnx")), .. Graphs(files, folder)];
        var onnx = graphs is [var only] ? only : null;
        var safetensors = new[] { In(Single), In(Sharded) }.FirstOrDefault(files.Has);
        if (safetensors is null)
        {
            return onnx is not null
                ? new WeightFiles(files.PathOf(onnx), null)
                : throw files.Error(In(Single), graphs.Length > 0
                    ? $"The package has no safetensors, and several ONNX files ({string.Join(", ", graphs)}), none of them named model.onnx. Give the one to use that name."
                    : Others.Select(In).FirstOrDefault(files.Has) is { } other
                    ? $"The package has its weights only as {other}, which is not read (a pickle can run code). Save the model as safetensors or export it to ONNX."
                    : "The package has no weights: neither model.safetensors nor onnx/model.onnx.");
        }

        // The ONNX file of a model whose graph we can't build is as good.
        return onnx is not null && !Architecture.IsKnown(files.ReadObject(In("config.json")))
            ? new WeightFiles(files.PathOf(onnx), null)
            : new WeightFiles(files.PathOf(safetensors), files.PathOf(In("config.json")));

        static IEnumerable<string> Graphs(PackageFiles files, string folder) => Directory.Exists(files.PathOf(folder))
            ? Directory.EnumerateFiles(files.PathOf(folder), "*.onnx").Select(f => PackageFiles.Join(folder, System.IO.Path.GetFileName(f))).Order(StringComparer.Ordinal)
            : [];

        string In(string name) => PackageFiles.Join(folder, name);
    }
}
