using System.Globalization;
using System.Text.Json;
using Splade.Encoding.Packages;
using Splade.Encoding.Safetensors;

namespace Splade.Encoding.Architectures;

/// <summary>Builds the graph of a transformer from its config and weights.</summary>
internal abstract class Architecture(ModelConfig config, ModelWeights weights)
{
    private string? _wordTable;

    protected ModelConfig Config { get; } = config;

    protected ModelWeights Weights { get; } = weights;

    /// <summary>The prefix in a checkpoint of the whole masked language model.</summary>
    protected abstract string DefaultPrefix { get; }

    /// <summary>The name of the word embedding tensor after the prefix of the encoder.</summary>
    protected abstract string WordEmbeddings { get; }

    /// <summary>The name of the decoder's tensors before <c>.weight</c> and <c>.bias</c>.</summary>
    protected abstract string Decoder { get; }

    /// <summary>What stands between the prefix and the number in the names of a layer's tensors.</summary>
    protected abstract string LayerName { get; }

    /// <summary>Layers that config.json counts.</summary>
    protected abstract int Layers { get; }

    /// <summary>Layers of the weights that config.json does not count: they are not run, as in transformers.</summary>
    public int SurplusLayers => Weights.Names.Where(n => n.StartsWith(Prefix + LayerName, StringComparison.Ordinal))
        .Select(n => int.TryParse(n[(Prefix.Length + LayerName.Length)..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
        .Where(n => n >= Layers).Distinct().Count();

    /// <summary>Size of the hidden states.</summary>
    public abstract int Hidden { get; }

    /// <summary>Rows of the word embeddings.</summary>
    public abstract int Vocabulary { get; }

    /// <summary>
    /// What stands before the names of the encoder's tensors: <c>bert.</c>, or nothing in a checkpoint of the bare encoder.
    /// </summary>
    protected string Prefix => field ??= FindPrefix();

    private bool IsTied => Config.Flag("tie_word_embeddings", true);

    /// <summary>Whether we can build the graph of such a model.</summary>
    public static bool IsKnown(JsonElement? config) => JsonFields.Text(config, "model_type") is { } type && Create(type) is not null;

    /// <exception cref="ModelPackageException">The architecture is not supported.</exception>
    public static Architecture Create(ModelConfig config, ModelWeights weights) => Create(config.ModelType) is { } create
        ? create(config, weights)
        : throw config.Error(
            "model_type", "the architecture is not supported; known are bert, distilbert, roberta, xlm-roberta, camembert and modernbert. Export it to onnx/model.onnx instead");

    /// <summary>Embeddings and layers.</summary>
    /// <returns>The last hidden states, [batch, sequence, hidden].</returns>
    public abstract string Encode(GraphPieces pieces);

    /// <summary>The masked-language-model head.</summary>
    /// <exception cref="ModelPackageException">The checkpoint has none.</exception>
    public abstract VocabularyHead Head(GraphPieces pieces, string hidden);

    /// <summary>
    /// The word embeddings. A tied model's file has one table for embeddings and decoder, under either name.
    /// </summary>
    protected string WordTable(GraphPieces pieces)
    {
        if (_wordTable is null)
        {
            var own = Prefix + WordEmbeddings;
            var tied = Decoder + ".weight";
            _wordTable = pieces.Table(!Weights.Has(own) && IsTied && Weights.Has(tied) ? tied : own, Vocabulary, Hidden);
        }

        return _wordTable;
    }

    /// <summary>
    /// The decoder's table. A tied model whose file has both tables, and different ones, is taken by what the file has, as transformers 5 does it.
    /// </summary>
    protected string DecoderTable(GraphPieces pieces)
    {
        var name = Decoder + ".weight";
        return IsTied && (!Weights.Has(name) || !Weights.Has(Prefix + WordEmbeddings) || SameTables(name))
            ? WordTable(pieces)
            : pieces.Table(name, Vocabulary, Hidden);
    }

    /// <param name="names">The first that is there is taken.</param>
    protected string DecoderBias(GraphPieces pieces, params string[] names) =>
        pieces.Vector(names.FirstOrDefault(Weights.Has) ?? names[^1], Vocabulary);

    protected void RequireHead(string tensor)
    {
        if (!Weights.Has(tensor))
        {
            throw Config.Error(
                "architectures", $"the weights have no masked-language-model head (no tensor {tensor}), so there is nothing to make sparse vectors with");
        }
    }

    protected int HeadWidth(int heads, string setting) => Hidden % heads == 0
        ? Hidden / heads
        : throw Config.Error(setting, $"it does not divide the hidden size {Hidden}");

    private static Func<ModelConfig, ModelWeights, Architecture>? Create(string modelType) => modelType switch
    {
        "bert" => (config, weights) => new BertArchitecture(config, weights),
        "distilbert" => (config, weights) => new DistilBertArchitecture(config, weights),
        "roberta" or "xlm-roberta" or "camembert" => (config, weights) => new RobertaArchitecture(config, weights),
        "modernbert" => (config, weights) => new ModernBertArchitecture(config, weights),
        _ => null,
    };

    private bool SameTables(string decoder) =>
        Weights.Read(decoder, Vocabulary, Hidden).AsSpan().SequenceEqual(Weights.Read(Prefix + WordEmbeddings, Vocabulary, Hidden));

    private string FindPrefix()
    {
        var names = Weights.Names.Where(n => n.EndsWith(WordEmbeddings, StringComparison.Ordinal)).ToArray();
        return names.Length switch
        {
            1 => names[0][..^WordEmbeddings.Length],
            0 => DefaultPrefix,
            _ => names.Contains(DefaultPrefix + WordEmbeddings) ? DefaultPrefix
                : throw Config.Error("model_type", $"the weights hold several models: {string.Join(", ", names)}"),
        };
    }
}
