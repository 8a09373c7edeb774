using Splade.Encoding.Onnx;
using Splade.Encoding.Safetensors;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Architectures;

/// <summary>
/// RoBERTa, XLM-RoBERTa and CamemBERT: BERT's layers, positions that begin after the padding's, and a head that always uses the exact GELU.
/// </summary>
internal sealed class RobertaArchitecture(ModelConfig config, ModelWeights weights) : BertArchitecture(config, weights)
{
    protected override string DefaultPrefix => "roberta.";

    protected override string Decoder => "lm_head.decoder";

    public override int Vocabulary => Config.Positive("vocab_size", Config.ModelType == "roberta" ? 50265 : 30522);

    public override VocabularyHead Head(GraphPieces pieces, string hidden)
    {
        RequireHead("lm_head.dense.weight");
        var dense = pieces.Linear(hidden, "lm_head.dense", Hidden, Hidden);
        var active = pieces.Graph.Node("Gelu", [dense], [OnnxGraphBuilder.Attribute("approximate", "none")]);
        var normal = pieces.LayerNorm(active, "lm_head.layer_norm", Hidden, Epsilon);
        return new VocabularyHead(normal, DecoderTable(pieces), DecoderBias(pieces, Decoder + ".bias", "lm_head.bias"));
    }

    /// <summary>Position = pad + how many tokens so far; a padding token, also one that is written in a text, has the position pad and counts for nothing.</summary>
    protected override string Positions(GraphPieces pieces, string table)
    {
        var graph = pieces.Graph;
        var pad = Config.Integer("pad_token_id", 1);
        if (pad < 0 || pad >= MaxPositions - 1)
        {
            throw Config.Error("pad_token_id", $"it leaves no position of the {MaxPositions} for a token");
        }

        var padding = graph.Constant([(long)pad], 1);
        var isToken = graph.Node("And", [graph.Node("Not", [graph.Node("Equal", [pieces.Ids, padding])]), graph.Cast(pieces.Mask, DataType.Bool)]);
        var ones = graph.Cast(isToken, DataType.Int64);
        var counted = pieces.Multiply(graph.Node("CumSum", [ones, graph.Constant([1L], [])]), ones);
        return pieces.Gather(table, pieces.Add(counted, padding));
    }
}
