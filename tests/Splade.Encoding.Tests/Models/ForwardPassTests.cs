using Splade.Encoding.Architectures;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Safetensors;

namespace Splade.Encoding.Tests.Models;

/// <summary>Graphs built from safetensors, fed with the reference's token ids: from weights to vectors.</summary>
public sealed class ForwardPassTests
{
    private static readonly Pooling Twice = new(false, true);

    [SkippableTheory]
    [InlineData("bert-max", "", 1e-4f)]
    [InlineData("distilbert-f16", "", 1e-4f)]
    [InlineData("roberta-sharded", "", 1e-4f)]
    [InlineData("xlmr-bf16", "", 1e-4f)]
    [InlineData("xlmr-small-json", "", 1e-4f)]
    [InlineData("modernbert", "", 3e-4f)]
    [InlineData("modernbert-oldconfig", "", 3e-4f)]
    [InlineData("bert-sum", "", 1e-4f)]
    [InlineData("bert-log1p", "", 1e-4f)]
    [InlineData("bert-untied-oldkeys", "", 1e-4f)]
    [InlineData("router-static", "document_0_Transformer", 1e-4f)]
    [InlineData("router-opensearch", "", 1e-4f)]
    [InlineData("opensearch-doc", "", 1e-4f)]
    [InlineData("two-encoders", "document_0_Transformer", 1e-4f)]
    public void Vectors_equal_the_reference(string name, string folder, float tolerance)
    {
        var golden = GoldenFolder.Require(name);
        var files = new PackageFiles(golden.Path);
        var config = files.ReadObject(PackageFiles.Join(folder, "config.json"));
        var pooling = name == "bert-sum" ? new Pooling(true, false) : name is "bert-log1p" or "router-opensearch" ? Twice : Pooling.Default;
        var padding = JsonFields.Number(config, "pad_token_id")!.Value;
        var side = new EncoderSide(
            folder, new GivenIds(JsonFields.Number(config, "vocab_size")!.Value, padding), 512, pooling, WeightFiles.Find(files, folder, orRoot: false));
        using var session = SpladeSession.Open(RunnableGraph.Load(files, side, null), side.Tokenizer.VocabularySize, new EncoderOptions { Threads = 1 });
        foreach (var text in golden.Texts)
        {
            Compare(session, [text], padding, tolerance, name == "bert-sum");
        }

        var byId = golden.Texts.ToDictionary(t => t.Id);
        foreach (var batch in golden.Batches())
        {
            Compare(session, [.. batch.Select(id => byId[id])], padding, tolerance, name == "bert-sum");
        }
    }

    [SkippableTheory]
    [InlineData("bert-max", "")]
    [InlineData("distilbert-f16", "")]
    [InlineData("roberta-sharded", "")]
    [InlineData("xlmr-small-json", "")]
    [InlineData("modernbert", "")]
    [InlineData("modernbert-oldconfig", "")]
    [InlineData("bert-sum", "")]
    [InlineData("bert-untied-oldkeys", "")]
    [InlineData("router-static", "document_0_Transformer")]
    public void Raw_logits_equal_the_reference(string name, string folder)
    {
        var golden = GoldenFolder.Require(name);
        var files = new PackageFiles(golden.Path);
        var weightFiles = WeightFiles.Find(files, folder, orRoot: false);
        var config = new ModelConfig(weightFiles.Config!, files.ReadObject(PackageFiles.Join(folder, "config.json"))!.Value);
        using var weights = ModelWeights.Open(weightFiles.Path);
        var architecture = Architecture.Create(config, weights);
        var pieces = new GraphPieces(weights);
        pieces.AddInputs();
        var (hidden, table, bias) = architecture.Head(pieces, architecture.Encode(pieces));
        var logits = pieces.Graph.Node("MatMul", [hidden, pieces.Graph.Node("Transpose", [table], [OnnxGraphBuilder.Attribute("perm", [1L, 0L])])]);
        pieces.Graph.Node("Add", [logits, bias!], output: "logits");
        pieces.Graph.Output("logits", TensorProto.Types.DataType.Float, "batch", "sequence", architecture.Vocabulary);
        using var session = SpladeSession.Open(
            new RunnableGraph(weightFiles.Path, pieces.Graph.Model, new GraphOutput(OutputForm.Vector, "logits")), architecture.Vocabulary, new EncoderOptions { Threads = 1 });
        foreach (var text in golden.Texts)
        {
            using var input = new ModelInputBatch(1, text.InputIds.Length, 0);
            input.Fill(0, text.InputIds);
            session.Run(input, (_, values) =>
            {
                text.LogitsSample.Length.ShouldBeGreaterThan(0);
                foreach (var (row, sample) in text.LogitsSample)
                {
                    values.Slice(row * architecture.Vocabulary, sample.Length).ToArray().ShouldBe(sample, 1e-3, text.Id);
                }
            });
        }
    }

    private static void Compare(SpladeSession session, GoldenText[] texts, int padding, float tolerance, bool relative)
    {
        using var input = new ModelInputBatch(texts.Length, texts.Max(t => t.InputIds.Length), padding);
        for (var row = 0; row < texts.Length; row++)
        {
            input.Fill(row, texts[row].InputIds);
        }

        session.Run(input, (row, weights) =>
        {
            var (indices, values) = SparseRow.Read(new ModelRow(weights), 0, "model");
            texts[row].Vector.ShouldEqual(indices, values, tolerance, relative, texts[row].Id);
        });
    }
}
