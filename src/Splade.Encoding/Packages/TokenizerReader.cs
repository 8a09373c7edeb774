using System.Text.Json;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// Reads a WordPiece tokenizer from vocab.txt or tokenizer.json, with the settings of tokenizer_config.json, which win as they do in the reference.
/// </summary>
internal static class TokenizerReader
{
    private const string Vocabulary = "vocab.txt";
    private const string Fast = "tokenizer.json";

    /// <param name="folder">Folder of the document model in the package.</param>
    /// <exception cref="ModelPackageException">No WordPiece tokenizer, or settings that are not supported.</exception>
    public static ITokenizer Read(PackageFiles files, string folder)
    {
        var fastFile = PackageFiles.Join(folder, Fast);
        var vocabularyFile = PackageFiles.Join(folder, Vocabulary);
        var config = files.ReadObject(PackageFiles.Join(folder, "tokenizer_config.json"));
        var special = files.ReadObject(PackageFiles.Join(folder, "special_tokens_map.json"));
        var fast = files.ReadObject(fastFile);
        var model = Part(fast, "model");
        CheckSupported(files, fastFile, fast, model);
        var vocabulary = files.Has(vocabularyFile) ? ReadLines(files, vocabularyFile)
            : model is { } json ? ReadVocabulary(files, fastFile, json)
            : throw files.Error(vocabularyFile, "The package has no WordPiece vocabulary. Other tokenizers (byte-level BPE, Unigram) are not supported yet.");
        if (fast is null && JsonFields.Text(config, "tokenizer_class") is { } type && !IsWordPiece(type))
        {
            throw files.Error(vocabularyFile, $"The tokenizer [{type}] is not supported yet, only WordPiece (BERT).");
        }

        var normalizer = Part(fast, "normalizer");
        var options = new WordPieceOptions
        {
            LowerCase = JsonFields.Flag(config, "do_lower_case") ?? JsonFields.Flag(normalizer, "lowercase") ?? true,
            StripAccents = JsonFields.Flag(config, "strip_accents") ?? JsonFields.Flag(normalizer, "strip_accents"),
            SplitChineseCharacters = JsonFields.Flag(config, "tokenize_chinese_chars") ?? JsonFields.Flag(normalizer, "handle_chinese_chars") ?? true,
            CleanText = JsonFields.Flag(normalizer, "clean_text") ?? true,
            MaxWordLength = JsonFields.Number(model, "max_input_chars_per_word") ?? 100,
            UnknownToken = Token("unk_token", "[UNK]"),
            StartToken = Token("cls_token", "[CLS]"),
            EndToken = Token("sep_token", "[SEP]"),
            PaddingToken = Token("pad_token", "[PAD]"),
            MaskToken = Token("mask_token", "[MASK]"),
        };
        try
        {
            return new WordPieceTokenizer(vocabulary, options);
        }
        catch (ArgumentException exception)
        {
            throw new ModelPackageException(files.PathOf(files.Has(vocabularyFile) ? vocabularyFile : fastFile), exception.Message, exception);
        }

        string Token(string name, string otherwise) => JsonFields.Token(config, name) ?? JsonFields.Token(special, name) ?? otherwise;
    }

    private static void CheckSupported(PackageFiles files, string file, JsonElement? fast, JsonElement? model)
    {
        if (fast is null)
        {
            return;
        }

        Check("model", model, "WordPiece");
        Check("normalizer", Part(fast, "normalizer"), "BertNormalizer");
        Check("pre_tokenizer", Part(fast, "pre_tokenizer"), "BertPreTokenizer");
        if (JsonFields.Text(model, "continuing_subword_prefix") is { } prefix and not "##")
        {
            throw files.Error(file, $"The continuing_subword_prefix [{prefix}] is not supported, only ##.");
        }

        void Check(string part, JsonElement? json, string supported)
        {
            // Files of old releases leave out the model's type; a WordPiece model is known by its longest word.
            var type = JsonFields.Text(json, "type") ?? (part == "model" && JsonFields.Number(json, "max_input_chars_per_word") is not null ? supported : "none");
            if (type != supported)
            {
                throw files.Error(file, $"The {part} [{type}] is not supported yet, only {supported}.");
            }
        }
    }

    private static bool IsWordPiece(string type) =>
        !type.Contains("Japanese", StringComparison.Ordinal)
        && (type.Contains("Bert", StringComparison.Ordinal) || type.StartsWith("Electra", StringComparison.Ordinal)
            || type.StartsWith("MPNet", StringComparison.Ordinal) || type is "PreTrainedTokenizerFast" or "TokenizersBackend")
        && !type.Contains("Roberta", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("Albert", StringComparison.Ordinal)
        && !type.StartsWith("Camembert", StringComparison.Ordinal);

    private static string[] ReadLines(PackageFiles files, string file)
    {
        var lines = files.ReadText(file).Split('\n');
        return [.. (lines[^1].Length == 0 ? lines[..^1] : lines).Select(line => line.TrimEnd('\r'))];
    }

    private static string[] ReadVocabulary(PackageFiles files, string file, JsonElement model)
    {
        if (!model.TryGetProperty("vocab", out var vocab) || vocab.ValueKind != JsonValueKind.Object)
        {
            throw files.Error(file, "model.vocab is missing.");
        }

        var pieces = new SortedDictionary<int, string>();
        foreach (var entry in vocab.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out var id) || !pieces.TryAdd(id, entry.Name))
            {
                throw files.Error(file, $"model.vocab: the id of [{entry.Name}] is no number, or stands twice.");
            }
        }

        return pieces.Keys.FirstOrDefault() == 0 && pieces.Keys.LastOrDefault() == pieces.Count - 1
            ? [.. pieces.Values]
            : throw files.Error(file, "model.vocab: the ids are not 0 to n - 1.");
    }

    private static JsonElement? Part(JsonElement? json, string name) =>
        json is { } element && element.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.Object ? part : null;
}
