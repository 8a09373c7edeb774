using Splade.Encoding.Onnx;
using Splade.Encoding.Safetensors;

namespace Splade.Encoding.Architectures;

/// <summary>
/// ModernBERT (arXiv 2412.13663): rotary positions, gated feed-forward layers, normalisation before each block; most layers see only a window.
/// </summary>
internal sealed class ModernBertArchitecture(ModelConfig config, ModelWeights weights) : Architecture(config, weights)
{
    protected override string DefaultPrefix => "model.";

    protected override string WordEmbeddings => "embeddings.tok_embeddings.weight";

    protected override string Decoder => "decoder";

    protected override string LayerName => "layers.";

    protected override int Layers => Config.Positive("num_hidden_layers", 22);

    public override int Hidden => Config.Positive("hidden_size", 768);

    public override int Vocabulary => Config.Positive("vocab_size", 50368);

    private double Epsilon => Config.Real("norm_eps", 1e-5);

    private bool NormBias => Config.Flag("norm_bias", false);

    private int Heads => Config.Positive("num_attention_heads", 12);

    public override string Encode(GraphPieces pieces)
    {
        var x = Norm(pieces, pieces.Gather(WordTable(pieces), pieces.Ids), Prefix + "embeddings.norm");
        var layers = new ModernBertLayers(Config, Layers, HeadWidth(Heads, "num_attention_heads"));
        var everything = AttentionPattern.Full(pieces, layers.GlobalFrequencies);
        var window = AttentionPattern.Window(pieces, layers.LocalFrequencies, layers.Reach);
        for (var layer = 0; layer < Layers; layer++)
        {
            x = Layer(pieces, x, $"{Prefix}{LayerName}{layer}.", layers.IsGlobal(layer) ? everything : window, isFirst: layer == 0);
        }

        return Norm(pieces, x, Prefix + "final_norm");
    }

    public override VocabularyHead Head(GraphPieces pieces, string hidden)
    {
        RequireHead("head.dense.weight");
        var dense = pieces.Linear(hidden, "head.dense", Hidden, Hidden, Config.Flag("classifier_bias", false));
        var active = Activation.Apply(pieces.Graph, dense, Config, "classifier_activation");
        return new VocabularyHead(
            Norm(pieces, active, "head.norm"), DecoderTable(pieces), Config.Flag("decoder_bias", true) ? DecoderBias(pieces, Decoder + ".bias") : null);
    }

    private string Norm(GraphPieces pieces, string x, string name) => pieces.LayerNorm(x, name, Hidden, Epsilon, NormBias);

    private string Layer(GraphPieces pieces, string x, string name, AttentionPattern pattern, bool isFirst)
    {
        var width = Hidden / Heads;
        var attentionBias = Config.Flag("attention_bias", false);
        var normal = isFirst ? x : Norm(pieces, x, name + "attn_norm");
        var (query, key, value) = pieces.SplitInThree(pieces.Linear(normal, name + "attn.Wqkv", Hidden, 3 * Hidden, attentionBias));
        var seen = pieces.Attention(
            pattern.Rotate(pieces, pieces.SplitHeads(query, Heads, width)),
            pattern.Rotate(pieces, pieces.SplitHeads(key, Heads, width)),
            pieces.SplitHeads(value, Heads, width),
            pattern.ScoreBias, Heads, width);
        x = pieces.Add(x, pieces.Linear(seen, name + "attn.Wo", Hidden, Hidden, attentionBias));
        return pieces.Add(x, FeedForward(pieces, Norm(pieces, x, name + "mlp_norm"), name));
    }

    /// <summary>Wo(act(input) * gate), input and gate from one product.</summary>
    private string FeedForward(GraphPieces pieces, string x, string name)
    {
        var inner = Config.Positive("intermediate_size", 1152);
        var bias = Config.Flag("mlp_bias", false);
        var halves = pieces.Graph.Nodes(
            2, "Split", [pieces.Linear(x, name + "mlp.Wi", Hidden, 2 * inner, bias)], [OnnxGraphBuilder.Attribute("axis", -1), OnnxGraphBuilder.Attribute("num_outputs", 2)]);
        var gated = pieces.Multiply(Activation.Apply(pieces.Graph, halves[0], Config, "hidden_activation"), halves[1]);
        return pieces.Linear(gated, name + "mlp.Wo", inner, Hidden, bias);
    }
}
