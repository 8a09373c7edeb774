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
    private static readonly string[] OnnxFiles = ["onnx/model.onnx", "model.onnx"];

    private ModelPackage(string name, string onnxPath, ITokenizer tokenizer, int maxTokens, QuerySide? query)
    {
        Name = name;
        OnnxPath = onnxPath;
        Tokenizer = tokenizer;
        MaxTokens = maxTokens;
        Query = query;
    }

    public string Name { get; }

    public string OnnxPath { get; }

    public ITokenizer Tokenizer { get; }

    /// <summary>Longest document, special tokens included.</summary>
    public int MaxTokens { get; }

    /// <summary>The inference-free query side; null when queries run through the model.</summary>
    public QuerySide? Query { get; }

    /// <exception cref="ModelPackageException">The package can't be used; the message names file and cause.</exception>
    public static ModelPackage Read(string folder, string name)
    {
        var files = new PackageFiles(folder);
        var settings = files.ReadJson("splade.json");
        var onnx = OnnxFiles.FirstOrDefault(files.Has)
            ?? throw files.Error("onnx/model.onnx", "The package has no ONNX file. Packages with safetensors weights only can't be run yet: export the model to ONNX.");
        var tokenizer = ReadTokenizer(files);
        return new ModelPackage(
            name, files.PathOf(onnx), tokenizer, ReadMaxTokens(files, settings), QuerySide.Read(files, tokenizer, settings));
    }

    private static WordPieceTokenizer ReadTokenizer(PackageFiles files)
    {
        var config = files.ReadJson("tokenizer_config.json");
        var fast = files.ReadJson("tokenizer.json");
        string[]? vocabulary = null;
        if (files.Has("vocab.txt"))
        {
            vocabulary = files.ReadText("vocab.txt").Split('\n');
            vocabulary = [.. (vocabulary[^1].Length == 0 ? vocabulary[..^1] : vocabulary).Select(line => line.TrimEnd('\r'))];
        }
        else if (fast is { } json && json.TryGetProperty("model", out var model)
            && model.TryGetProperty("type", out var type) && type.ValueEquals("WordPiece"))
        {
            vocabulary = ReadVocabulary(files, model);
        }

        if (vocabulary is null)
        {
            throw files.Error("vocab.txt", "The package has no WordPiece vocabulary. Other tokenizers (byte-level BPE, Unigram) are not supported yet.");
        }

        var normalizer = fast is { } f && f.TryGetProperty("normalizer", out var n) && n.ValueKind == JsonValueKind.Object ? n : (JsonElement?)null;
        var options = new WordPieceOptions
        {
            LowerCase = Flag(normalizer, "lowercase") ?? Flag(config, "do_lower_case") ?? true,
            StripAccents = Flag(normalizer, "strip_accents") ?? Flag(config, "strip_accents"),
            SplitChineseCharacters = Flag(normalizer, "handle_chinese_chars") ?? Flag(config, "tokenize_chinese_chars") ?? true,
            CleanText = Flag(normalizer, "clean_text") ?? true,
            UnknownToken = Token(config, "unk_token") ?? "[UNK]",
            StartToken = Token(config, "cls_token") ?? "[CLS]",
            EndToken = Token(config, "sep_token") ?? "[SEP]",
            PaddingToken = Token(config, "pad_token") ?? "[PAD]",
            MaskToken = Token(config, "mask_token") ?? "[MASK]",
        };
        try
        {
            return new WordPieceTokenizer(vocabulary, options);
        }
        catch (ArgumentException exception)
        {
            throw new ModelPackageException(files.PathOf("vocab.txt"), exception.Message, exception);
        }
    }

    private static string[] ReadVocabulary(PackageFiles files, JsonElement model)
    {
        if (!model.TryGetProperty("vocab", out var vocab) || vocab.ValueKind != JsonValueKind.Object)
        {
            throw files.Error("tokenizer.json", "model.vocab is missing.");
        }

        var pieces = new SortedDictionary<int, string>();
        foreach (var entry in vocab.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || !pieces.TryAdd(id, entry.Name))
            {
                throw files.Error("tokenizer.json", $"model.vocab: the id of [{entry.Name}] is no number, or stands twice.");
            }
        }

        return pieces.Keys.FirstOrDefault() == 0 && pieces.Keys.LastOrDefault() == pieces.Count - 1
            ? [.. pieces.Values]
            : throw files.Error("tokenizer.json", "model.vocab: the ids are not 0 to n - 1.");
    }

    private static int ReadMaxTokens(PackageFiles files, JsonElement? settings)
    {
        var max = Number(settings, "max_tokens") ?? Number(files.ReadJson("sentence_bert_config.json"), "max_seq_length");
        if (max is null)
        {
            int?[] limits =
            [
                Number(files.ReadJson("tokenizer_config.json"), "model_max_length"),
                Number(files.ReadJson("config.json"), "max_position_embeddings"),
            ];
            max = limits.Min() ?? DefaultMaxTokens;
        }

        return max >= 3 ? max.Value : throw files.Error("tokenizer_config.json", $"A maximum length of {max} tokens leaves no room for a text.");
    }

    private static bool? Flag(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value)
            && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    private static int? Number(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    private static string? Token(JsonElement? json, string name)
    {
        if (json is not { ValueKind: JsonValueKind.Object } element || !element.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out var content) ? content.GetString() : null;
    }
}
