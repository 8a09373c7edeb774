using System.Text.Json;
using Splade.Encoding.Tokenizing;
using Splade.Encoding.Tokenizing.Reading;
using Splade.Encoding.Tokenizing.SentencePiece;

namespace Splade.Encoding.Packages;

/// <summary>
/// Reads the tokenizer of a model folder: tokenizer.json, else vocab.txt (WordPiece), vocab.json and merges.txt (byte-level BPE), or a SentencePiece
/// model. A Hugging Face folder is tokenized as its fast tokenizer does it; a SentencePiece model alone by its own rules.
/// </summary>
internal static class TokenizerReader
{
    private const string Fast = "tokenizer.json";
    private const string WordPieces = "vocab.txt";
    private const string Bytes = "vocab.json";
    private const string Merges = "merges.txt";
    private const string Fairseq = "sentencepiece.bpe.model";

    /// <param name="folder">Folder of the model in the package.</param>
    /// <exception cref="ModelPackageException">No tokenizer, or one that is damaged or not supported.</exception>
    public static ITokenizer Read(PackageFiles files, string folder)
    {
        var source = new Source(files, folder);
        if (files.Has(source.Path(Fast)))
        {
            return source.Read(Fast, () => TokenizerJsonReader.Read(source.Require(Fast), source.Config, source.Special));
        }

        if (files.Has(source.Path(WordPieces)))
        {
            return source.Read(WordPieces, () => ReadWordPiece(source));
        }

        if (files.Has(source.Path(Bytes)) && files.Has(source.Path(Merges)))
        {
            return source.Read(Bytes, () => ReadByteLevel(source));
        }

        string[] models = Directory.Exists(files.PathOf(folder))
            ? [.. Directory.EnumerateFiles(files.PathOf(folder), "*.model").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)]
            : [];
        return models switch
        {
            [var model] => source.Read(model, () => ReadSentencePiece(source, model)),
            [] => throw files.Error(source.Path(Fast), $"The folder has no tokenizer: neither {Fast} nor {WordPieces}, {Bytes} with {Merges}, or a SentencePiece .model."),
            _ => throw files.Error(folder, $"The folder has several SentencePiece models ({string.Join(", ", models)}): name the one to use."),
        };
    }

    /// <summary>Reads one file: a tokenizer.json, or a SentencePiece model with its own ids.</summary>
    /// <exception cref="ModelPackageException">The file is damaged or not supported.</exception>
    public static ITokenizer ReadFile(PackageFiles files, string name)
    {
        var source = new Source(files, "");
        return name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? source.Read(name, () => TokenizerJsonReader.Read(source.Require(name), null, null))
            : source.Read(name, () => Bare(source, name));
    }

    private static PipelineTokenizer ReadWordPiece(Source source)
    {
        if (source.Class is { } type && !IsWordPiece(type))
        {
            throw source.Unsupported(type);
        }

        var config = source.Config;
        var options = new WordPieceOptions
        {
            LowerCase = config?.OptionalFlag("do_lower_case") ?? true,
            StripAccents = config?.OptionalFlag("strip_accents"),
            SplitChineseCharacters = config?.OptionalFlag("tokenize_chinese_chars") ?? true,
            UnknownToken = Token("unk_token", "[UNK]"),
            StartToken = Token("cls_token", "[CLS]"),
            EndToken = Token("sep_token", "[SEP]"),
            PaddingToken = Token("pad_token", "[PAD]"),
            MaskToken = Token("mask_token", "[MASK]"),
        };
        var lines = source.Text(WordPieces).Split('\n');
        var parts = WordPieceTokenizer.Parts([.. (lines[^1].Length == 0 ? lines[..^1] : lines).Select(line => line.TrimEnd('\r'))], options);
        var added = new AddedTokenReader(parts.Vocabulary);
        added.AddConfigured(config);
        added.AddConfigured(source.Special);
        foreach (var token in parts.AddedTokens)
        {
            added.AddSpecial(token);
        }

        return new PipelineTokenizer(parts with { AddedTokens = added.Tokens });

        string Token(string name, string otherwise) =>
            AddedTokenReader.Content(config, name) ?? AddedTokenReader.Content(source.Special, name) ?? otherwise;
    }

    private static PipelineTokenizer ReadByteLevel(Source source)
    {
        var roberta = source.Class switch
        {
            null => source.ModelType is "roberta" ? true : source.ModelType is "gpt2" ? false : source.Require(Bytes).Part("<s>") is not null,
            var type when type.StartsWith("GPT2", StringComparison.Ordinal) => false,
            var type when type.StartsWith("Roberta", StringComparison.Ordinal) || type.StartsWith("Longformer", StringComparison.Ordinal)
                || type.StartsWith("Bart", StringComparison.Ordinal) => true,
            var type => throw source.Unsupported(type),
        };
        return ByteLevelReader.Read(source.Require(Bytes), source.Text(Merges), roberta, source.Config, source.Special);
    }

    private static ITokenizer ReadSentencePiece(Source source, string name)
    {
        var type = source.Class ?? source.ModelType switch
        {
            "xlm-roberta" => "XLMRoberta",
            "xlnet" => "XLNet",
            _ => null,
        };
        if (type is not null && SentencePieceFile.IsBpe(source.Model(name)))
        {
            throw source.Unsupported(type, "a byte-pair encoding of SentencePiece, whose merges a fast tokenizer lists in an order that the .model does not tell");
        }

        return type switch
        {
            null => Bare(source, name),
            _ when type.StartsWith("XLMRoberta", StringComparison.Ordinal) => SentencePieceConversion.XlmRoberta(source.Model(name), source.Config, source.Special),
            _ when type.StartsWith("XLNet", StringComparison.Ordinal) => SentencePieceConversion.XlNet(source.Model(name), source.Config, source.Special),
            "PreTrainedTokenizerFast" or "TokenizersBackend" => SentencePieceConversion.Generic(source.Model(name), source.Config, source.Special),
            _ => throw source.Unsupported(type, "whose template of special tokens and clean-up the .model does not tell"),
        };
    }

    private static SentencePieceTokenizer Bare(Source source, string name)
    {
        var model = source.Model(name);
        return new SentencePieceTokenizer(model, name == Fairseq ? FairseqLayout.XlmRoberta(model) : null);
    }

    private static bool IsWordPiece(string type) =>
        !type.Contains("Japanese", StringComparison.Ordinal)
        && (type.Contains("Bert", StringComparison.Ordinal) || type.StartsWith("Electra", StringComparison.Ordinal)
            || type.StartsWith("MPNet", StringComparison.Ordinal) || type is "PreTrainedTokenizerFast" or "TokenizersBackend")
        && !type.Contains("Roberta", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("Albert", StringComparison.Ordinal)
        && !type.StartsWith("Camembert", StringComparison.Ordinal);

    /// <summary>The files of a tokenizer, read when they are asked for.</summary>
    private sealed class Source(PackageFiles files, string folder)
    {
        public JsonPart? Config { get; } = Part(files, folder, "tokenizer_config.json");

        public JsonPart? Special { get; } = Part(files, folder, "special_tokens_map.json");

        public string? Class => Config?.Text("tokenizer_class");

        public string? ModelType => Part(files, folder, "config.json")?.Text("model_type");

        public string Path(string name) => PackageFiles.Join(folder, name);

        public JsonPart Require(string name) => Part(files, folder, name) ?? throw files.Error(Path(name), "The file is not there.");

        public string Text(string name) => files.ReadText(Path(name));

        public SentencePieceModel Model(string name) => SentencePieceFile.Parse(files.ReadBytes(Path(name)));

        /// <param name="why">What is in the way; null where the kind is not known here.</param>
        public ModelPackageException Unsupported(string type, string? why = null) => files.Error(
            Path("tokenizer_config.json"),
            $"The tokenizer [{type}] is not supported without a {Fast}{(why is null ? "" : $": it is one {why}")}. Save it as a fast tokenizer (save_pretrained with use_fast writes {Fast}).");

        public ITokenizer Read(string file, Func<ITokenizer> read)
        {
            try
            {
                return read();
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or JsonException)
            {
                // InvalidOperationException: JSON strings that are no Unicode.
                throw new ModelPackageException(files.PathOf(Path(file)), $"The tokenizer can't be read: {exception.Message}", exception);
            }
        }

        private static JsonPart? Part(PackageFiles files, string folder, string name) =>
            files.ReadObject(PackageFiles.Join(folder, name)) is { } json ? new JsonPart(json, name) : null;
    }
}
