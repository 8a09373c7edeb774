using static TorchSharp.torch;

namespace Splade.Training.Networks;

/// <summary>A SPLADE model in training: an encoder with its masked-LM head, pooling, and where queries are inference-free their table of weights.</summary>
internal sealed class SpladeModel : IDisposable
{
    public SpladeModel(BertNetwork network, SpladePooling pooling, float[]? queryWeights)
    {
        Network = network;
        Pooling = pooling;
        if (queryWeights is not null)
        {
            Network.Parameters.Add(StaticQueries.Parameter, tensor(queryWeights));
        }
    }

    public BertNetwork Network { get; }

    public SpladePooling Pooling { get; }

    public bool HasStaticQueries => Network.Parameters.Has(StaticQueries.Parameter);

    /// <param name="columns">Ids of the vocabulary to compute, int64 [columns]; null: all.</param>
    /// <returns>[batch, columns].</returns>
    public Tensor Documents(TokenBatch texts, Tensor? columns = null)
    {
        var states = Network.Transform(Network.Encode(texts.Ids, texts.Mask));
        var (decoder, bias) = columns is null
            ? (Network.Decoder, Network.DecoderBias)
            : (Network.Decoder.index_select(0, columns), Network.DecoderBias.index_select(0, columns));
        return Pooling.Kind == PoolingKind.Max
            ? Pooling.Project(states, texts.Mask, decoder, bias)
            : Pooling.Pool(nn.functional.linear(states, decoder, bias), texts.Mask);
    }

    /// <param name="texts">With special tokens; for inference-free queries without.</param>
    /// <inheritdoc cref="Documents"/>
    public Tensor Queries(TokenBatch texts, Tensor? columns = null)
    {
        if (!HasStaticQueries)
        {
            return Documents(texts, columns);
        }

        var vectors = StaticQueries.Encode(texts.Ids, texts.Mask, Network.Parameters[StaticQueries.Parameter]);
        return columns is null ? vectors : vectors.index_select(1, columns);
    }

    public void Dispose() => Network.Dispose();
}
