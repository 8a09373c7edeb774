using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Splade.Training.Networks;

/// <summary>
/// A BERT or DistilBERT encoder with its masked-language-model head (Devlin et al. 2019), post-norm, as Hugging Face's BertForMaskedLM computes it.
/// </summary>
internal sealed class BertNetwork : IDisposable
{
    private const double SmallShare = 0.25;

    private readonly BertNames _names;

    private BertNetwork(BertConfig config, ParameterSet parameters)
    {
        Config = config;
        Parameters = parameters;
        _names = new BertNames(config);
    }

    public BertConfig Config { get; }

    public ParameterSet Parameters { get; }

    /// <summary>Dropout is on.</summary>
    public bool IsTraining { get; set; }

    /// <summary>Decoder of the head, [vocabulary, hidden].</summary>
    public Tensor Decoder => Parameters[_names.Decoder];

    /// <summary>[vocabulary].</summary>
    public Tensor DecoderBias => Parameters[_names.DecoderBias];

    /// <summary>
    /// A fresh network: weights from N(0, <see cref="BertConfig.InitializerRange"/>), biases 0, norms 1, from the random generator of torch. So that a piece
    /// scores its own column from the start (with a tied table), the head's dense layer is the identity and positions and segments are small: the
    /// first vectors are the pieces of the text, near BM25's, and training adds to that.
    /// </summary>
    /// <param name="decoderBias">Start of the decoder's bias. A negative one keeps the columns of other pieces at 0.</param>
    public static BertNetwork Create(BertConfig config, double decoderBias = 0)
    {
        var parameters = new ParameterSet();
        var names = new BertNames(config);
        foreach (var (name, shape) in BertShapes.Of(config))
        {
            parameters.Add(name, name == names.DecoderBias ? full(shape, (float)decoderBias, ScalarType.Float32)
                : name == names.HeadDense + ".weight" ? eye(shape[0])
                : name == names.Positions || name == names.Segments ? randn(shape) * (config.InitializerRange * SmallShare)
                : name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape)
                : shape.Length == 1 ? ones(shape)
                : randn(shape) * config.InitializerRange);
        }

        return new BertNetwork(config, parameters);
    }

    /// <param name="read">Values of a tensor of that name and shape, row by row; fails with a typed error where the checkpoint lacks it.</param>
    public static BertNetwork Load(BertConfig config, Func<string, long[], float[]> read)
    {
        var parameters = new ParameterSet();
        foreach (var (name, shape) in BertShapes.Of(config))
        {
            parameters.Add(name, tensor(read(name, shape)).reshape(shape));
        }

        return new BertNetwork(config, parameters);
    }

    /// <param name="ids">[batch, sequence], int64.</param>
    /// <param name="mask">[batch, sequence], bool: false is padding.</param>
    /// <returns>Last hidden states, [batch, sequence, hidden].</returns>
    public Tensor Encode(Tensor ids, Tensor mask)
    {
        var length = ids.shape[1];
        if (length > Config.Positions)
        {
            throw new ArgumentException($"The input has {length} tokens; the network has {Config.Positions} positions.", nameof(ids));
        }

        var states = Rows(Parameters[_names.Words], ids) + Parameters[_names.Positions].narrow(0, 0, length);
        if (Config.Segments > 0)
        {
            states += Parameters[_names.Segments][0];
        }

        states = Drop(Norm(states, _names.EmbeddingNorm), Config.Dropout);
        var attend = mask.unsqueeze(1).unsqueeze(2);
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            states = Norm(states + Drop(Attend(states, attend, layer), Config.Dropout), _names.AttentionNorm(layer));
            var inner = Activate(Linear(states, _names.FeedForwardIn(layer)));
            states = Norm(states + Drop(Linear(inner, _names.FeedForwardOut(layer)), Config.Dropout), _names.OutputNorm(layer));
        }

        return states;
    }

    /// <summary>The head up to its decoder: dense, activation, norm. Shape as the states.</summary>
    public Tensor Transform(Tensor states) => Norm(Activate(Linear(states, _names.HeadDense)), _names.HeadNorm);

    /// <summary>Logits over the vocabulary of transformed states, [..., vocabulary].</summary>
    public Tensor Decode(Tensor transformed) => functional.linear(transformed, Decoder, DecoderBias);

    public void Dispose() => Parameters.Dispose();

    private Tensor Attend(Tensor states, Tensor mask, int layer)
    {
        var (batch, length) = (states.shape[0], states.shape[1]);
        var mixed = functional.scaled_dot_product_attention(
            Heads(_names.Query(layer)), Heads(_names.Key(layer)), Heads(_names.Value(layer)), mask, IsTraining ? Config.AttentionDropout : 0);
        return Linear(mixed.transpose(1, 2).reshape(batch, length, Config.Hidden), _names.AttentionOutput(layer));

        Tensor Heads(string name) => Linear(states, name).view(batch, length, Config.Heads, Config.Hidden / Config.Heads).transpose(1, 2);
    }

    private Tensor Activate(Tensor x) => Config.Activation switch
    {
        "relu" => functional.relu(x),
        "gelu" => functional.gelu(x),
        _ => 0.5 * x * (1 + (Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x.pow(3)))).tanh()),
    };

    private Tensor Linear(Tensor x, string name) => functional.linear(x, Parameters[name + ".weight"], Parameters[name + ".bias"]);

    private Tensor Norm(Tensor x, string name) =>
        functional.layer_norm(x, [Config.Hidden], Parameters[name + ".weight"], Parameters[name + ".bias"], Config.Epsilon);

    private Tensor Drop(Tensor x, double share) => IsTraining && share > 0 ? functional.dropout(x, share, training: true) : x;

    private static Tensor Rows(Tensor table, Tensor ids) =>
        table.index_select(0, ids.reshape(-1)).reshape([.. ids.shape, table.shape[1]]);
}
