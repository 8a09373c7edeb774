using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splade.Training.Networks;

/// <summary>Shape of a BERT or DistilBERT network, as its config.json gives it.</summary>
internal sealed record BertConfig
{
    public required int VocabularySize { get; init; }

    public required int Hidden { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    public required int FeedForward { get; init; }

    /// <summary>Longest input in tokens.</summary>
    public required int Positions { get; init; }

    /// <summary>0 for DistilBERT, which has no segments.</summary>
    public int Segments { get; init; } = 2;

    public string Activation { get; init; } = "gelu";

    public double Epsilon { get; init; } = 1e-12;

    public double Dropout { get; init; }

    public double AttentionDropout { get; init; }

    /// <summary>Standard deviation of a fresh network's weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>The masked-LM decoder is the embedding table.</summary>
    public bool TiedDecoder { get; init; } = true;

    public bool IsDistilBert { get; init; }

    /// <exception cref="FormatException">The file is no config of a supported network; the message says why.</exception>
    public static BertConfig Read(string path)
    {
        JsonElement json;
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(path));
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{path} is no JSON: {exception.Message}", exception);
        }

        var type = Text("model_type", "");
        return type switch
        {
            "bert" => new BertConfig
            {
                VocabularySize = Number("vocab_size"),
                Hidden = Number("hidden_size"),
                Layers = Number("num_hidden_layers"),
                Heads = Number("num_attention_heads"),
                FeedForward = Number("intermediate_size"),
                Positions = Number("max_position_embeddings"),
                Segments = Number("type_vocab_size"),
                Activation = Text("hidden_act", "gelu"),
                Epsilon = Real("layer_norm_eps", 1e-12),
                Dropout = Real("hidden_dropout_prob", 0.1),
                AttentionDropout = Real("attention_probs_dropout_prob", 0.1),
                InitializerRange = Real("initializer_range", 0.02),
                TiedDecoder = Flag("tie_word_embeddings", true),
            }.Validate(path),
            "distilbert" => new BertConfig
            {
                VocabularySize = Number("vocab_size"),
                Hidden = Number("dim"),
                Layers = Number("n_layers"),
                Heads = Number("n_heads"),
                FeedForward = Number("hidden_dim"),
                Positions = Number("max_position_embeddings"),
                Segments = 0,
                Activation = Text("activation", "gelu"),
                Dropout = Real("dropout", 0.1),
                AttentionDropout = Real("attention_dropout", 0.1),
                InitializerRange = Real("initializer_range", 0.02),
                TiedDecoder = Flag("tie_weights_", true) && Flag("tie_word_embeddings", true),
                IsDistilBert = true,
            }.Validate(path),
            _ => throw new FormatException($"{path}: the trainer starts from [bert] and [distilbert] checkpoints, not from model_type [{type}]."),
        };

        int Number(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw new FormatException($"{path}: [{name}] is missing or no whole number.");
        double Real(string name, double absent) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : absent;
        string Text(string name, string absent) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : absent;
        bool Flag(string name, bool absent) => json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : absent;
    }

    /// <summary>The config.json of a Hugging Face model.</summary>
    public JsonObject ToJson() => IsDistilBert
        ? new JsonObject
        {
            ["architectures"] = new JsonArray("DistilBertForMaskedLM"), ["model_type"] = "distilbert", ["vocab_size"] = VocabularySize, ["dim"] = Hidden,
            ["n_layers"] = Layers, ["n_heads"] = Heads, ["hidden_dim"] = FeedForward, ["max_position_embeddings"] = Positions, ["activation"] = Activation,
            ["dropout"] = Dropout, ["attention_dropout"] = AttentionDropout, ["initializer_range"] = InitializerRange, ["pad_token_id"] = 0,
            ["sinusoidal_pos_embds"] = false, ["tie_weights_"] = TiedDecoder, ["tie_word_embeddings"] = TiedDecoder,
        }
        : new JsonObject
        {
            ["architectures"] = new JsonArray("BertForMaskedLM"), ["model_type"] = "bert", ["vocab_size"] = VocabularySize, ["hidden_size"] = Hidden,
            ["num_hidden_layers"] = Layers, ["num_attention_heads"] = Heads, ["intermediate_size"] = FeedForward, ["max_position_embeddings"] = Positions,
            ["type_vocab_size"] = Segments, ["hidden_act"] = Activation, ["layer_norm_eps"] = Epsilon, ["hidden_dropout_prob"] = Dropout,
            ["attention_probs_dropout_prob"] = AttentionDropout, ["initializer_range"] = InitializerRange, ["pad_token_id"] = 0,
            ["tie_word_embeddings"] = TiedDecoder,
        };

    private BertConfig Validate(string path)
    {
        if (VocabularySize < 1 || Hidden < 1 || Layers < 1 || Heads < 1 || FeedForward < 1 || Positions < 4 || Segments < 0)
        {
            throw new FormatException($"{path}: a size is not positive.");
        }

        return Hidden % Heads != 0
            ? throw new FormatException($"{path}: the hidden size {Hidden} can't be shared by {Heads} heads.")
            : Activation is "gelu" or "gelu_new" or "gelu_pytorch_tanh" or "relu"
                ? this
                : throw new FormatException($"{path}: the activation [{Activation}] is not supported: gelu, gelu_new and relu are.");
    }
}
