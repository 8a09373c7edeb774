namespace Splade.Cli.Hub;

/// <summary>Chooses the files of a model that an import reads; the same weights in other formats are left on the hub.</summary>
internal static class NeededFiles
{
    private const string Onnx = "onnx/model.onnx";
    private static readonly string[] Cards = ["README.md", "LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"];
    private static readonly string[] Vocabularies = ["vocab.txt", "merges.txt", "query_token_weights.txt"];

    /// <param name="onnx">Take the ONNX file even where there are safetensors.</param>
    /// <exception cref="CliException">The model has no weights that can be read.</exception>
    public static IReadOnlyList<HubFile> Choose(HubModel model, bool onnx)
    {
        var safetensors = model.Files.Where(f => IsSafetensors(f.Path)).ToArray();
        var hasWeights = safetensors.Any(f => Name(f.Path).StartsWith("model", StringComparison.Ordinal));
        var graphs = model.Files.Where(f => IsGraph(f.Path)).ToArray();
        if (onnx && graphs.Length == 0)
        {
            throw new CliException($"{model.Id} has no {Onnx}.");
        }

        if (!hasWeights && graphs.Length == 0)
        {
            throw new CliException($"{model.Id} has neither safetensors nor {Onnx}; other formats of weights are not read.");
        }

        return [.. model.Files.Where(f => IsSetting(f.Path)), .. onnx || !hasWeights ? graphs : safetensors];
    }

    private static bool IsSetting(string path)
    {
        var name = Name(path);
        return Cards.Contains(path)
            || Vocabularies.Contains(name)
            || name.EndsWith(".model", StringComparison.Ordinal)
            || (name.EndsWith(".json", StringComparison.Ordinal) && !path.StartsWith("onnx/", StringComparison.Ordinal) && !path.StartsWith("openvino/", StringComparison.Ordinal));
    }

    /// <summary>Of the model itself: an adapter's are no model.</summary>
    private static bool IsSafetensors(string path) =>
        path.EndsWith(".safetensors", StringComparison.Ordinal) && Name(path).StartsWith("model", StringComparison.Ordinal);

    /// <summary>The unoptimised graph, and the weights that it may keep beside it.</summary>
    private static bool IsGraph(string path) => path.EndsWith(Onnx, StringComparison.Ordinal)
        || path.EndsWith(Onnx + "_data", StringComparison.Ordinal) || path.EndsWith(Onnx + ".data", StringComparison.Ordinal);

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];
}
