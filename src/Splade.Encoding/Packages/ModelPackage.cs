using System.Text.Json;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// A model as its users have it: a folder in the layout of a sentence-transformers SparseEncoder. This version runs packages with a WordPiece
/// tokenizer and an ONNX file; the import of safetensors weights and other tokenizers comes with `splade model import`.
/// </summary>
internal sealed class ModelPackage
{
    private const int DefaultMaxTokens = 512;

    private ModelPackage(string name, string folder, string onnxPath, ITokenizer tokenizer)
    {
        Name = name;
        Folder = folder;
        OnnxPath = onnxPath;
        Tokenizer = tokenizer;
    }

    public string Name { get; }

    public string Folder { get; }

    public string OnnxPath { get; }

    public ITokenizer Tokenizer { get; }

    /// <summary>Longest document, special tokens included.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>The inference-free query side; null when queries run through the model.</summary>
    public required QuerySide? Query { get; init; }

    /// <summary>Of raw logits; a graph that pools itself needs none.</summary>
    public required Pooling Pooling { get; init; }

    public required Prompts Prompts { get; init; }

    public required PackageSettings Settings { get; init; }

    /// <exception cref="ModelPackageException">The package can't be used; the message names file and cause.</exception>
    public static ModelPackage Read(string folder, string name)
    {
        var files = new PackageFiles(folder);
        try
        {
            return Read(files, name);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // JSON strings that are no Unicode, paths with a NUL, and values of a kind that no check expected.
            throw new ModelPackageException(files.Folder, $"A settings file has values that can't be read: {exception.Message}", exception);
        }
    }

    private static ModelPackage Read(PackageFiles files, string name)
    {
        var settings = PackageSettings.Read(files);
        var config = files.ReadObject("config.json");
        var layout = PackageLayout.Read(files);
        string[] candidates = [PackageFiles.Join(layout.DocumentFolder, "onnx/model.onnx"), PackageFiles.Join(layout.DocumentFolder, "model.onnx"), "onnx/model.onnx"];
        var onnx = candidates.FirstOrDefault(files.Has)
            ?? throw files.Error("onnx/model.onnx", "The package has no ONNX file. Packages with safetensors weights only can't be run yet: export the model to ONNX.");
        var tokenizer = TokenizerReader.Read(files, layout.DocumentFolder);
        var max = ReadMaxTokens(files, layout.DocumentFolder, files.ReadObject(PackageSettings.File), config, tokenizer.Template.Length);
        return new ModelPackage(name, files.Folder, files.PathOf(onnx), tokenizer)
        {
            MaxTokens = max,
            Query = QuerySide.Read(files, tokenizer, layout.QueryFolder, settings, max),
            Pooling = layout.Pooling,
            Prompts = Prompts.Read(files),
            Settings = settings,
        };
    }

    private static int ReadMaxTokens(PackageFiles files, string folder, JsonElement? settings, JsonElement? config, int templateLength)
    {
        var tokenizerFile = PackageFiles.Join(folder, "tokenizer_config.json");
        var max = JsonFields.Number(settings, "max_tokens")
            ?? JsonFields.Number(files.ReadObject(PackageFiles.Join(folder, "sentence_bert_config.json")), "max_seq_length");
        if (max is null)
        {
            var model = folder.Length == 0 ? config : files.ReadObject(PackageFiles.Join(folder, "config.json"));
            int?[] limits = [JsonFields.Number(files.ReadObject(tokenizerFile), "model_max_length"), JsonFields.Number(model, "max_position_embeddings")];
            max = limits.Min() ?? DefaultMaxTokens;
        }

        return max > templateLength ? max.Value : throw files.Error(tokenizerFile, $"A maximum length of {max} tokens leaves no room for a text.");
    }
}
