using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests.Models;

/// <summary>Packages as their users have them, from text to vector, against the reference implementation.</summary>
public sealed class GoldenPackageTests : IDisposable
{
    private static readonly string[] Folders =
    [
        "bert-max", "distilbert-f16", "roberta-sharded", "xlmr-bf16", "xlmr-small-json", "modernbert", "modernbert-oldconfig", "bert-sum", "bert-log1p",
        "bert-untied-oldkeys", "router-static", "router-opensearch", "opensearch-doc", "two-encoders",
        "onnx/raw", "onnx/dynamo", "onnx/tied-transpose", "onnx/gemm", "onnx/fp16-logits", "onnx/external", "onnx/pooled", "onnx/anserini",
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> AllFolders => [.. Folders];

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(AllFolders))]
    public void Documents_and_queries_equal_the_reference(string name)
    {
        var golden = GoldenFolder.Require(name);
        using var encoder = Open(golden.Path);
        foreach (var text in golden.Texts)
        {
            Compare(name, text, text.Vector, encoder.EncodeDocuments([text.Text], default)[0]);
            encoder.ModelInput(text.Text, asQuery: false).Select(t => (long)t.Id).ShouldBe(text.InputIds, text.Id);
            Compare(name, text, text.Query ?? text.Vector, encoder.EncodeQuery(text.Text, default), isTable: text.Query is not null && encoder.Description.InferenceFreeQueries);
            if (text.QueryInputIds is { } ids)
            {
                encoder.ModelInput(text.Text, asQuery: true).Select(t => (long)t.Id).ShouldBe(ids, text.Id);
            }
        }

        var byId = golden.Texts.ToDictionary(t => t.Id);
        foreach (var batch in golden.Batches())
        {
            var encoded = encoder.EncodeDocuments([.. batch.Select(id => byId[id].Text)], default);
            for (var i = 0; i < batch.Length; i++)
            {
                Compare(name, byId[batch[i]], byId[batch[i]].Vector, encoded[i]);
            }
        }
    }

    [SkippableFact]
    public void Special_dimensions_are_zeroed_where_the_package_says_so()
    {
        var golden = GoldenFolder.Require("opensearch-doc");
        foreach (var file in Directory.EnumerateFiles(golden.Path))
        {
            File.CreateSymbolicLink(Path.Combine(_folder.Path, Path.GetFileName(file)), file);
        }

        File.WriteAllText(Path.Combine(_folder.Path, "splade.json"), """{"zero_special_tokens": true}""");
        using var encoder = Open(_folder.Path);
        foreach (var text in golden.Texts)
        {
            Compare("opensearch-doc", text, text.SpecialZeroed!, encoder.EncodeDocuments([text.Text], default)[0]);
        }
    }

    [SkippableFact]
    public void Every_folder_has_a_test()
    {
        var root = SharedData.Require("golden/models");
        var there = Directory.EnumerateDirectories(root).Select(f => Path.GetFileName(f)!).Where(f => f is not ("onnx" or "broken"))
            .Concat(Directory.EnumerateDirectories(Path.Combine(root, "onnx")).Select(f => "onnx/" + Path.GetFileName(f)));
        Folders.ShouldBe(there, ignoreOrder: true);
    }

    // The tolerances of the goldens' README.
    private static void Compare(string name, GoldenText text, SparseVector expected, EncodedText actual, bool isTable = false) => expected.ShouldEqual(
        actual.Indices,
        actual.Weights,
        isTable ? 1e-6f : name == "onnx/fp16-logits" ? 2e-2f : name.StartsWith("modernbert", StringComparison.Ordinal) ? 3e-4f : 1e-4f,
        relative: name == "bert-sum",
        text.Id);

    private static OnnxSparseEncoder Open(string folder) =>
        new(ModelPackage.Read(folder, "test"), "", new EncoderOptions { Threads = 1, BatchTokens = 1 << 20, BatchTexts = 1000 });
}
