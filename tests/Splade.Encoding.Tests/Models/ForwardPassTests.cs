using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;

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

    private static void Compare(SpladeSession session, GoldenText[] texts, int padding, float tolerance, bool relative)
    {
        using var input = new ModelInputBatch(texts.Length, texts.Max(t => t.InputIds.Length), padding);
        for (var row = 0; row < texts.Length; row++)
        {
            input.Fill(row, texts[row].InputIds);
        }

        session.Run(input, (row, weights) =>
        {
            var (indices, values) = SparseRow.Read(weights, 0, "model");
            texts[row].Vector.ShouldEqual(indices, values, tolerance, relative, texts[row].Id);
        });
    }
}
