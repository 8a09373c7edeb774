using Splade.Encoding.Safetensors;

namespace Splade.Encoding.Architectures;

/// <summary>BERT (arXiv 1810.04805): learned absolute positions, normalisation after each residual sum.</summary>
internal class BertArchitecture(ModelConfig config, ModelWeights weights) : Architecture(config, weights)
{
    protected override string DefaultPrefix => "bert.";

    protected override string WordEmbeddings => "embeddings.word_embeddings.weight";

    protected override string Decoder => "cls.predictions.decoder";

    protected override string LayerName => "encoder.layer.";

    protected override int Layers => Config.Positive("num_hidden_layers", 12);

    public override int Hidden => Config.Positive("hidden_size", 768);

    public override int Vocabulary => Config.Positive("vocab_size", 30522);

    protected int MaxPositions => Config.Positive("max_position_embeddings", 512);

    protected double Epsilon => Config.Real("layer_norm_eps", 1e-12);

    public override string Encode(GraphPieces pieces)
    {
        Config.Require("position_embedding_type", "absolute");
        Config.Require("is_decoder", false);
        var embeddings = Prefix + "embeddings.";
        var types = Config.Positive("type_vocab_size", 2);
        var words = pieces.Gather(WordTable(pieces), pieces.Ids);

        // All tokens are of type 0, because there is one text.
        var type = pieces.Graph.Constant(Weights.Read(embeddings + "token_type_embeddings.weight", types, Hidden).AsSpan(0, Hidden), Hidden);
        var positions = Positions(pieces, pieces.Table(embeddings + "position_embeddings.weight", MaxPositions, Hidden));
        var x = pieces.LayerNorm(pieces.Add(pieces.Add(words, type), positions), embeddings + "LayerNorm", Hidden, Epsilon);
        var bias = pieces.ScoreBias(pieces.KeyIsToken);
        for (var layer = 0; layer < Layers; layer++)
        {
            x = Layer(pieces, x, $"{Prefix}{LayerName}{layer}.", bias);
        }

        return x;
    }

    public override VocabularyHead Head(GraphPieces pieces, string hidden)
    {
        const string transform = "cls.predictions.transform.";
        RequireHead(transform + "dense.weight");
        var dense = pieces.Linear(hidden, transform + "dense", Hidden, Hidden);
        var active = Activation.Apply(pieces.Graph, dense, Config, "hidden_act");
        var normal = pieces.LayerNorm(active, transform + "LayerNorm", Hidden, Epsilon);
        return new VocabularyHead(normal, DecoderTable(pieces), DecoderBias(pieces, Decoder + ".bias", "cls.predictions.bias"));
    }

    /// <param name="table">[positions, hidden].</param>
    /// <returns>Position embeddings that broadcast to [batch, sequence, hidden].</returns>
    protected virtual string Positions(GraphPieces pieces, string table) => pieces.Graph.FirstRows(table, pieces.Length);

    private string Layer(GraphPieces pieces, string x, string name, string scoreBias)
    {
        var heads = Config.Positive("num_attention_heads", 12);
        var width = HeadWidth(heads, "num_attention_heads");
        var inner = Config.Positive("intermediate_size", 3072);
        string[] projections = [name + "attention.self.query", name + "attention.self.key", name + "attention.self.value"];
        var (query, key, value) = pieces.SplitInThree(pieces.Linear(x, projections, Hidden, Hidden));
        var seen = pieces.Attention(
            pieces.SplitHeads(query, heads, width), pieces.SplitHeads(key, heads, width), pieces.SplitHeads(value, heads, width), scoreBias, heads, width);
        seen = pieces.Linear(seen, name + "attention.output.dense", Hidden, Hidden);
        x = pieces.LayerNorm(pieces.Add(seen, x), name + "attention.output.LayerNorm", Hidden, Epsilon);
        var wide = pieces.Linear(x, name + "intermediate.dense", Hidden, inner);
        var narrow = pieces.Linear(Activation.Apply(pieces.Graph, wide, Config, "hidden_act"), name + "output.dense", inner, Hidden);
        return pieces.LayerNorm(pieces.Add(narrow, x), name + "output.LayerNorm", Hidden, Epsilon);
    }
}
