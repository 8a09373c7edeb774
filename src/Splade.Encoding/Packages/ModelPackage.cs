using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>One way from text to vector: a tokenizer, a transformer, and how its output is pooled.</summary>
/// <param name="Folder">Relative to the package, "" for its root.</param>
/// <param name="MaxTokens">Longest input, special tokens included.</param>
/// <param name="Pooling">Of raw logits; a graph that pools itself needs none.</param>
internal sealed record EncoderSide(string Folder, ITokenizer Tokenizer, int MaxTokens, Pooling Pooling, WeightFiles Weights);

/// <summary>A model as its users have it: a folder in the layout of sentence-transformers or Hugging Face.</summary>
internal sealed class ModelPackage
{
    private ModelPackage(string name, PackageFiles files)
    {
        Name = name;
        Files = files;
    }

    public string Name { get; }

    public PackageFiles Files { get; }

    public required EncoderSide Documents { get; init; }

    /// <summary>A query encoder of its own; null when queries run through that of the documents or <see cref="QueryTable"/>.</summary>
    public required EncoderSide? Queries { get; init; }

    /// <summary>The inference-free query side; null when queries run through a model.</summary>
    public required QuerySide? QueryTable { get; init; }

    /// <summary>Of a dense sentence encoder; null for SPLADE.</summary>
    public required DensePooling? Dense { get; init; }

    /// <summary>Of sparse vectors.</summary>
    public required Similarity Similarity { get; init; }

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
        var layout = PackageLayout.Read(files);
        var documents = ReadSide(layout.Documents, isDocuments: true);
        return new ModelPackage(name, files)
        {
            Documents = documents,
            Queries = layout.Queries is { } queries ? ReadSide(queries, isDocuments: false) : null,
            QueryTable = layout.Dense is null && layout.Queries is null
                ? QuerySide.Read(files, documents.Tokenizer, layout.QueryTable, settings, documents.MaxTokens)
                : null,
            Dense = layout.Dense,
            Similarity = layout.Dense is null ? SimilarityFunction.Read(files) : Similarity.Dot,
            Prompts = Prompts.Read(files),
            Settings = settings,
        };

        EncoderSide ReadSide(TransformerModules modules, bool isDocuments)
        {
            // First the weights: their absence explains more than a missing tokenizer.
            var weights = WeightFiles.Find(files, modules.Folder, isDocuments);
            ITokenizer tokenizer = TokenizerReader.Read(files, modules.Folder);
            if (JsonFields.Flag(files.ReadObject(PackageFiles.Join(modules.Folder, "sentence_bert_config.json")), "do_lower_case") == true)
            {
                tokenizer = new LowerCasingTokenizer(tokenizer);
            }

            var pooling = modules.Pooling.With(files);
            return new EncoderSide(modules.Folder, tokenizer, MaxLength.Read(files, modules.Folder, settings.MaxTokens, tokenizer, weights), pooling, weights);
        }
    }
}
