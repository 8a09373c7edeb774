using System.Text.Json;
using Splade.Tests;

namespace Splade.Encoding.Tests;

public sealed class OnnxSparseEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Raw_logits_get_the_splade_head_and_padding_changes_nothing()
    {
        // The vector of a text is the maximum of its tokens' rows, log(1 + x).
        var package = new TinyPackage(Path.Combine(_folder.Path, "models/tiny"));
        using var registry = new ModelRegistry(_folder.Path);
        var encoder = registry.Get("tiny");
        string[] texts = ["cat dog", "fishes", "dog dog dog . cat fish . . .", ""];
        var encoded = encoder.EncodeDocuments(texts, default);
        int[][] tokens = [[2, 5, 6, 3], [2, 7, 8, 3], [2, 6, 6, 6, 9, 5, 7, 9, 9, 9, 3], [2, 3]];
        for (var t = 0; t < texts.Length; t++)
        {
            for (var j = 0; j < TinyPackage.Vocabulary.Length; j++)
            {
                var expected = MathF.Log(1 + Math.Max(0, tokens[t].Max(id => package.Logit(id, j))));
                Weight(encoded[t], j).ShouldBe(expected, 1e-6f);
            }

            encoder.EncodeDocuments([texts[t]], default)[0].Weights.ShouldBe(encoded[t].Weights);
        }

        encoder.Description.InferenceFreeQueries.ShouldBeFalse();
        encoder.EncodeQuery("cat dog", default).Weights.ShouldBe(encoded[0].Weights);
    }

    [Fact]
    public void Queries_of_a_package_with_idf_need_no_inference()
    {
        WritePooledPackage();
        File.WriteAllText(Path.Combine(_folder.Path, "models/tiny/idf.json"), """{"cat": 2.5, "dog": 1, "absent": 3}""");
        using (var registry = new ModelRegistry(_folder.Path))
        {
            var query = registry.Get("tiny").EncodeQuery("Dog cat cat fish", default);
            query.Indices.ShouldBe([5, 6]);
            query.Weights.ShouldBe([2.5f, 1f]);
        }

        File.WriteAllText(Path.Combine(_folder.Path, "models/tiny/splade.json"), """{"query":{"term_counts":true},"max_tokens":5}""");
        using (var registry = new ModelRegistry(_folder.Path))
        {
            registry.Get("tiny").EncodeQuery("Dog cat cat", default).Weights.ShouldBe([5f, 1f]);
            var document = registry.Get("tiny").EncodeDocuments(["cat dog fish dog"], default)[0];
            document.Truncated.ShouldBeTrue();
            document.TokenCount.ShouldBe(5);
        }
    }

    [Fact]
    public void Tokens_carry_their_places()
    {
        WritePooledPackage();
        using var registry = new ModelRegistry(_folder.Path);
        registry.Get("tiny").Tokenize("Cát  fishes🐟.").ShouldBe(
        [
            new TextToken("cat", 5, 0, 3), new TextToken("[UNK]", 1, 5, 13), new TextToken(".", 9, 13, 14),
        ]);
    }

    [Fact]
    public void Missing_and_broken_packages_are_typed_errors()
    {
        using var registry = new ModelRegistry(_folder.Path);
        Should.Throw<ModelNotFoundException>(() => registry.Get("absent")).Message.ShouldContain("absent");
        Should.Throw<ModelNotFoundException>(() => registry.Get("../models"));
        WritePooledPackage();
        registry.List().ShouldContain("tiny");
        var folder = Path.Combine(_folder.Path, "models/tiny");
        File.WriteAllBytes(Path.Combine(folder, "onnx/model.onnx"), [1, 2, 3]);
        Should.Throw<ModelPackageException>(() => registry.Get("tiny")).File.ShouldEndWith("model.onnx");
        File.Delete(Path.Combine(folder, "onnx/model.onnx"));
        Should.Throw<ModelPackageException>(() => registry.Get("tiny")).Message.ShouldContain("no weights");
        WritePooledPackage();
        File.WriteAllText(Path.Combine(folder, "idf.json"), "{nonsense");
        Should.Throw<ModelPackageException>(() => registry.Get("tiny")).File.ShouldEndWith("idf.json");
        File.Delete(Path.Combine(folder, "idf.json"));
        registry.Get("tiny").Description.Fingerprint.Length.ShouldBe(32);
    }

    [SkippableTheory]
    [InlineData("raw", 1e-4f)]
    [InlineData("dynamo", 1e-4f)]
    [InlineData("tied-transpose", 1e-4f)]
    [InlineData("gemm", 1e-4f)]
    [InlineData("external", 1e-4f)]
    [InlineData("fp16-logits", 2e-2f)]
    [InlineData("pooled", 1e-4f)]
    public void Vectors_equal_the_reference(string form, float tolerance)
    {
        var source = SharedData.Require($"golden/models/onnx/{form}");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "models"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "models", form), source);
        using var registry = new ModelRegistry(_folder.Path);
        var encoder = registry.Get(form);
        var expected = File.ReadLines(SharedData.Require(form == "fp16-logits" ? "golden/models/onnx/fp16-logits/expected.jsonl" : "golden/models/onnx/expected.jsonl"))
            .Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        var encoded = encoder.EncodeDocuments([.. expected.Select(e => e.GetProperty("text").GetString()!)], default);
        encoded.Count.ShouldBe(45);
        for (var i = 0; i < expected.Length; i++)
        {
            var vector = expected[i].GetProperty("vector");
            var reference = vector.GetProperty("indices").EnumerateArray().Select(x => x.GetInt32())
                .Zip(vector.GetProperty("weights").EnumerateArray().Select(x => x.GetSingle())).ToDictionary(p => p.First, p => p.Second);
            foreach (var id in reference.Keys.Union(encoded[i].Indices))
            {
                Weight(encoded[i], id).ShouldBe(reference.GetValueOrDefault(id), tolerance, $"text {expected[i].GetProperty("id")}, dimension {id}");
            }
        }
    }

    [SkippableFact]
    public void A_text_has_the_same_vector_in_every_batch()
    {
        var source = SharedData.Require("golden/models/onnx");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "models"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "models", "raw"), Path.Combine(source, "raw"));
        using var registry = new ModelRegistry(_folder.Path);
        using var together = new ModelRegistry(_folder.Path, new EncoderOptions { BatchTokens = 1 << 20, BatchTexts = 1000 });
        var texts = File.ReadLines(Path.Combine(source, "expected.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)
            .ToDictionary(e => e.GetProperty("id").GetString()!, e => e.GetProperty("text").GetString()!);
        using var batches = JsonDocument.Parse(File.ReadAllText(Path.Combine(source, "batches.json")));
        foreach (var batch in batches.RootElement.GetProperty("batches").EnumerateArray())
        {
            string[] ids = [.. batch.GetProperty("ids").EnumerateArray().Select(i => i.GetString()!)];
            var encoded = together.Get("raw").EncodeDocuments([.. ids.Select(i => texts[i])], default);
            encoded.Select(e => e.TokenCount).ShouldBe(batch.GetProperty("lengths").EnumerateArray().Select(l => l.GetInt32()));
            for (var i = 0; i < ids.Length; i++)
            {
                var alone = registry.Get("raw").EncodeDocuments([texts[ids[i]]], default)[0];
                foreach (var id in alone.Indices.Union(encoded[i].Indices))
                {
                    Weight(encoded[i], id).ShouldBe(Weight(alone, id), 2e-5f, ids[i]);
                }
            }
        }
    }

    [Fact]
    public void An_encoding_that_was_cancelled_stops()
    {
        WritePooledPackage();
        using var registry = new ModelRegistry(_folder.Path);
        Should.Throw<OperationCanceledException>(() => registry.Get("tiny").EncodeDocuments(["cat"], new CancellationToken(canceled: true)));
    }

    private static float Weight(EncodedText text, int id) => Array.BinarySearch(text.Indices, id) is >= 0 and var place ? text.Weights[place] : 0f;

    private void WritePooledPackage()
    {
        var table = new float[TinyPackage.Vocabulary.Length * TinyPackage.Vocabulary.Length];
        table.AsSpan().Fill(0.5f);
        _ = new TinyPackage(Path.Combine(_folder.Path, "models/tiny"), pooled: true, table);
    }
}
