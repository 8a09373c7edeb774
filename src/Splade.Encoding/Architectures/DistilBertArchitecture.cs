using Splade.Encoding.Safetensors;

namespace Splade.Encoding.Architectures;

/// <summary>DistilBERT (arXiv 1910.01108): BERT without token types, with names and settings of its own.</summary>
internal sealed class DistilBertArchitecture(ModelConfig config, ModelWeights weights) : Architecture(config, weights)
{
    // Fixed in the reference; config.json has no setting for it.
    private const double Epsilon = 1e-12;

    protected override string DefaultPrefix => "distilbert.";

    protected override string WordEmbeddings => "embeddings.word_embeddings.weight";

    protected override string Decoder => "vocab_projector";

    protected override string LayerName => "transformer.layer.";

    protected override int Layers => Config.Positive("n_layers", 6);

    public override int Hidden => Config.Positive("dim", 768);

    public override int Vocabulary => Config.Positive("vocab_size", 30522);

    public override string Encode(GraphPieces pieces)
    {
        var embeddings = Prefix + "embeddings.";
        var words = pieces.Gather(WordTable(pieces), pieces.Ids);

        // With sinusoidal_pos_embds, too, the table is among the weights.
        var table = pieces.Table(embeddings + "position_embeddings.weight", Config.Positive("max_position_embeddings", 512), Hidden);
        var x = pieces.LayerNorm(pieces.Add(words, pieces.Graph.FirstRows(table, pieces.Length)), embeddings + "LayerNorm", Hidden, Epsilon);
        var bias = pieces.ScoreBias(pieces.KeyIsToken);
        for (var layer = 0; layer < Layers; layer++)
        {
            x = Layer(pieces, x, $"{Prefix}{LayerName}{layer}.", bias);
        }

        return x;
    }

    public override VocabularyHead Head(GraphPieces pieces, string hidden)
    {
        RequireHead("vocab_transform.weight");
        var dense = pieces.Linear(hidden, "vocab_transform", Hidden, Hidden);
        var active = Activation.Apply(pieces.Graph, dense, Config, "activation");
        return new VocabularyHead(
            pieces.LayerNorm(active, "vocab_layer_norm", Hidden, Epsilon), DecoderTable(pieces), DecoderBias(pieces, Decoder + ".bias"));
    }

    private string Layer(GraphPieces pieces, string x, string name, string scoreBias)
    {
        var heads = Config.Positive("n_heads", 12);
        var width = HeadWidth(heads, "n_heads");
        var inner = Config.Positive("hidden_dim", 3072);
        string[] projections = [name + "attention.q_lin", name + "attention.k_lin", name + "attention.v_lin"];
        var (query, key, value) = pieces.SplitInThree(pieces.Linear(x, projections, Hidden, Hidden));
        var seen = pieces.Attention(
            pieces.SplitHeads(query, heads, width), pieces.SplitHeads(key, heads, width), pieces.SplitHeads(value, heads, width), scoreBias, heads, width);
        seen = pieces.Linear(seen, name + "attention.out_lin", Hidden, Hidden);
        x = pieces.LayerNorm(pieces.Add(seen, x), name + "sa_layer_norm", Hidden, Epsilon);
        var wide = pieces.Linear(x, name + "ffn.lin1", Hidden, inner);
        var narrow = pieces.Linear(Activation.Apply(pieces.Graph, wide, Config, "activation"), name + "ffn.lin2", inner, Hidden);
        return pieces.LayerNorm(pieces.Add(narrow, x), name + "output_layer_norm", Hidden, Epsilon);
    }
}
