using Splade.Training.Networks;
using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>
/// Encodes a text as one unit vector from the bag of its pieces, by attention with a weight for each piece and a small MLP:
/// <code>
/// h_i = LayerNorm(E[t_i] Win + pos_i);  a = softmax_i(h_i . g + prior[t_i])
/// p = (sum_i a_i h_i) Wo + (sum_i a_i E[t_i]) Wb;  p = p / |p| sqrt(D);  o = p Wf + gelu(p W1 + b1) W2;  o = o / |o|
/// </code>
/// and a query without a network as the weighted sum of its pieces, sum_i exp(lw[t_i]) E[t_i]. The same table E reads texts and, outside of this class,
/// scores the pieces of the vocabulary that a document is expanded by: s_j = o . E_j.
/// </summary>
internal sealed class BagNetwork : IDisposable
{
    public const string Embeddings = "embeddings.weight";
    public const string Prior = "attention.prior";
    public const string QueryWeights = "query.log_weights";
    public const string Positions = "positions.weight";
    public const string Input = "input.weight";
    public const string NormWeight = "norm.weight";
    public const string NormBias = "norm.bias";
    public const string Attention = "attention.weight";
    public const string Output = "output.weight";
    public const string Bag = "bag.weight";
    public const string Straight = "head.weight";
    public const string Hidden = "head.hidden.weight";
    public const string HiddenBias = "head.hidden.bias";
    public const string HiddenOutput = "head.hidden_output.weight";

    /// <summary>Pieces of a text that are read, special tokens included.</summary>
    public const int MaxPieces = 192;

    public const float NormEpsilon = 1e-5f;
    private const int HiddenTimes = 4;

    /// <summary>Attention to special tokens and padding: none.</summary>
    public const float Never = -1e4f;

    private BagNetwork(ParameterSet parameters) => Parameters = parameters;

    public ParameterSet Parameters { get; }

    /// <summary>Rows of E. The last stands for all pieces that have none of their own.</summary>
    public int Rows => (int)Parameters[Embeddings].shape[0];

    public int Dimensions => (int)Parameters[Embeddings].shape[1];

    /// <summary>
    /// Starts as the bag of the words' vectors: the matrices pass it through, what could disturb it is near zero.
    /// </summary>
    /// <param name="embeddings">[rows, dimensions].</param>
    /// <param name="logIdf">[rows]; ignored for <paramref name="special"/>.</param>
    /// <param name="special">Rows of special tokens.</param>
    public static BagNetwork Create(Tensor embeddings, float[] logIdf, IEnumerable<int> special)
    {
        using var scope = NewDisposeScope();
        var size = embeddings.shape[1];
        var root = Math.Sqrt(size);
        float[] prior = [.. logIdf];
        foreach (var id in special)
        {
            prior[id] = Never;
        }

        var parameters = new ParameterSet();
        parameters.Add(Embeddings, embeddings);
        parameters.Add(Prior, tensor(prior));
        parameters.Add(QueryWeights, tensor(logIdf));
        parameters.Add(Positions, randn(MaxPieces, size) * 0.01);
        parameters.Add(Input, eye(size) * (0.5 * root));
        parameters.Add(NormWeight, ones(size));
        parameters.Add(NormBias, zeros(size));
        parameters.Add(Attention, zeros(size));
        parameters.Add(Output, randn(size, size) * (0.05 / root));
        parameters.Add(Bag, eye(size));
        parameters.Add(Straight, eye(size));
        parameters.Add(Hidden, randn(size, HiddenTimes * size) / root);
        parameters.Add(HiddenBias, zeros(HiddenTimes * size));
        parameters.Add(HiddenOutput, randn(HiddenTimes * size, size) * (0.1 / Math.Sqrt(HiddenTimes * size)));
        return new BagNetwork(parameters);
    }

    /// <param name="read">Name and shape to values.</param>
    public static BagNetwork Load(IReadOnlyDictionary<string, long[]> shapes, Func<string, long[], float[]> read)
    {
        var parameters = new ParameterSet();
        foreach (var (name, shape) in shapes)
        {
            using var values = tensor(read(name, shape)).reshape(shape);
            parameters.Add(name, values);
        }

        return new BagNetwork(parameters);
    }

    /// <param name="texts">Rows of E for each piece, special tokens included; at most <see cref="MaxPieces"/>.</param>
    /// <returns>[batch, dimensions], of length 1.</returns>
    public Tensor Encode(TokenBatch texts) => Encode(texts, Embed(texts.Ids));

    /// <param name="embedded">[batch, sequence, dimensions].</param>
    public Tensor Encode(TokenBatch texts, Tensor embedded)
    {
        var states = nn.functional.layer_norm(
            embedded.matmul(Parameters[Input]) + Parameters[Positions].narrow(0, 0, texts.Ids.shape[1]), [Dimensions], Parameters[NormWeight], Parameters[NormBias], NormEpsilon);
        var scores = states.matmul(Parameters[Attention]) + Rowwise(Prior, texts.Ids) + texts.Mask.logical_not().to(ScalarType.Float32).mul(Never);
        var attention = scores.softmax(1).unsqueeze(1);
        var pooled = attention.matmul(states).squeeze(1).matmul(Parameters[Output]) + attention.matmul(embedded).squeeze(1).matmul(Parameters[Bag]);
        pooled = nn.functional.normalize(pooled, dim: 1) * Math.Sqrt(Dimensions);
        var hidden = nn.functional.gelu(pooled.matmul(Parameters[Hidden]) + Parameters[HiddenBias]);
        return nn.functional.normalize(pooled.matmul(Parameters[Straight]) + hidden.matmul(Parameters[HiddenOutput]), dim: 1);
    }

    /// <param name="counts">1 for pieces that carry weight in a query, else 0.</param>
    /// <returns>[batch, dimensions], of length 1.</returns>
    public Tensor EncodeQuery(Tensor ids, Tensor counts, Tensor embedded)
    {
        var weights = (Rowwise(QueryWeights, ids).exp() * counts).unsqueeze(1);
        return nn.functional.normalize(weights.matmul(embedded).squeeze(1), dim: 1);
    }

    /// <returns>[batch, sequence, dimensions].</returns>
    public Tensor Embed(Tensor ids) => Parameters[Embeddings].index_select(0, ids.flatten()).reshape(ids.shape[0], ids.shape[1], Dimensions);

    public void Dispose() => Parameters.Dispose();

    private Tensor Rowwise(string name, Tensor ids) => Parameters[name].index_select(0, ids.flatten()).reshape(ids.shape);
}
