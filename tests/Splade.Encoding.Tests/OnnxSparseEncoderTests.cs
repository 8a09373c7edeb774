using System.Text.Json;
using Splade.Encoding.Onnx;
using Splade.Tests;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Tests;

public sealed class OnnxSparseEncoderTests : IDisposable
{
    private static readonly string[] Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog", "fish", "##es", "."];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Raw_logits_get_the_splade_head_and_padding_changes_nothing()
    {
        // logits = table[ids]: the vector of a text is the maximum of its tokens' rows, log(1 + x).
        var table = new float[Vocabulary.Length * Vocabulary.Length];
        var random = new Random(1);
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (float)((random.NextDouble() * 6) - 4);
        }

        WritePackage(g =>
        {
            var ids = g.Input("input_ids", DataType.Int64, "batch", "sequence");
            g.Input("attention_mask", DataType.Int64, "batch", "sequence");
            g.Node("Gather", [g.Constant(table, Vocabulary.Length, Vocabulary.Length), ids], output: "logits");
            g.Output("logits", DataType.Float, "batch", "sequence", Vocabulary.Length);
        });
        using var registry = new ModelRegistry(_folder.Path);
        var encoder = registry.Get("tiny");
        string[] texts = ["cat dog", "fishes", "dog dog dog . cat fish . . .", ""];
        var encoded = encoder.EncodeDocuments(texts, default);
        int[][] tokens = [[2, 5, 6, 3], [2, 7, 8, 3], [2, 6, 6, 6, 9, 5, 7, 9, 9, 9, 3], [2, 3]];
        for (var t = 0; t < texts.Length; t++)
        {
            for (var j = 0; j < Vocabulary.Length; j++)
            {
                var expected = MathF.Log(1 + Math.Max(0, tokens[t].Max(id => table[(id * Vocabulary.Length) + j])));
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

        File.WriteAllText(Path.Combine(_folder.Path, "models/tiny/splade.json"), """{"query":{"term_counts":true},"max_tokens":4}""");
        using (var registry = new ModelRegistry(_folder.Path))
        {
            registry.Get("tiny").EncodeQuery("Dog cat cat fish", default).Weights.ShouldBe([5f, 1f]);
            var document = registry.Get("tiny").EncodeDocuments(["cat dog fish"], default)[0];
            document.Truncated.ShouldBeTrue();
            document.TokenCount.ShouldBe(4);
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
        Should.Throw<ModelPackageException>(() => registry.Get("tiny")).Message.ShouldContain("no ONNX file");
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

    private static float Weight(EncodedText text, int id) => Array.BinarySearch(text.Indices, id) is >= 0 and var place ? text.Weights[place] : 0f;

    private void WritePooledPackage() => WritePackage(g =>
    {
        var ids = g.Input("input_ids", DataType.Int64, "batch", "sequence");
        g.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var table = new float[Vocabulary.Length * Vocabulary.Length];
        table.AsSpan().Fill(0.5f);
        var rows = g.Node("Gather", [g.Constant(table, Vocabulary.Length, Vocabulary.Length), ids]);
        g.Node("ReduceMax", [rows, g.Constant([1L], 1)], [OnnxGraphBuilder.Attribute("keepdims", 0)], "vector");
        g.Output("vector", DataType.Float, "batch", Vocabulary.Length);
    });

    private void WritePackage(Action<OnnxGraphBuilder> build)
    {
        var folder = Path.Combine(_folder.Path, "models/tiny");
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        var graph = new OnnxGraphBuilder();
        build(graph);
        File.WriteAllBytes(Path.Combine(folder, "onnx/model.onnx"), graph.ToBytes());
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', Vocabulary) + "\n");
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"do_lower_case": true, "model_max_length": 128}""");
    }
}
