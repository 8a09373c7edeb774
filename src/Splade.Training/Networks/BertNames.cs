using System.Globalization;

namespace Splade.Training.Networks;

/// <summary>Names of the parameters in a Hugging Face checkpoint: BertForMaskedLM or DistilBertForMaskedLM.</summary>
internal sealed class BertNames(BertConfig config)
{
    private readonly bool _distil = config.IsDistilBert;

    private string Embeddings => _distil ? "distilbert.embeddings." : "bert.embeddings.";

    public string Words => Embeddings + "word_embeddings.weight";

    public string Positions => Embeddings + "position_embeddings.weight";

    public string Segments => Embeddings + "token_type_embeddings.weight";

    public string EmbeddingNorm => Embeddings + "LayerNorm";

    public string HeadDense => _distil ? "vocab_transform" : "cls.predictions.transform.dense";

    public string HeadNorm => _distil ? "vocab_layer_norm" : "cls.predictions.transform.LayerNorm";

    /// <summary>[vocabulary, hidden]; the embedding table itself where it is tied.</summary>
    public string Decoder => config.TiedDecoder ? Words : _distil ? "vocab_projector.weight" : "cls.predictions.decoder.weight";

    public string DecoderBias => _distil ? "vocab_projector.bias" : "cls.predictions.bias";

    public string Query(int layer) => Layer(layer) + (_distil ? "attention.q_lin" : "attention.self.query");

    public string Key(int layer) => Layer(layer) + (_distil ? "attention.k_lin" : "attention.self.key");

    public string Value(int layer) => Layer(layer) + (_distil ? "attention.v_lin" : "attention.self.value");

    public string AttentionOutput(int layer) => Layer(layer) + (_distil ? "attention.out_lin" : "attention.output.dense");

    public string AttentionNorm(int layer) => Layer(layer) + (_distil ? "sa_layer_norm" : "attention.output.LayerNorm");

    public string FeedForwardIn(int layer) => Layer(layer) + (_distil ? "ffn.lin1" : "intermediate.dense");

    public string FeedForwardOut(int layer) => Layer(layer) + (_distil ? "ffn.lin2" : "output.dense");

    public string OutputNorm(int layer) => Layer(layer) + (_distil ? "output_layer_norm" : "output.LayerNorm");

    private string Layer(int layer) =>
        string.Create(CultureInfo.InvariantCulture, $"{(_distil ? "distilbert.transformer.layer." : "bert.encoder.layer.")}{layer}.");
}
