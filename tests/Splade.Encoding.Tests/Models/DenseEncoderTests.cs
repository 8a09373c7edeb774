using System.Numerics.Tensors;
using System.Text.Json;
using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests.Models;

public sealed class DenseEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void A_real_sentence_encoder_equals_the_reference()
    {
        var folder = SharedData.Require("models/all-minilm-l6-v2");
        using var encoder = new OnnxDenseEncoder(ModelPackage.Read(folder, "minilm"), "", new EncoderOptions());
        encoder.Dimensions.ShouldBe(384);
        encoder.IsNormalized.ShouldBeTrue();
        encoder.Description.Task.ShouldBe(ModelTask.TextEmbedding);
        encoder.Description.MaxTokens.ShouldBe(256);
        JsonElement[] expected = [.. File.ReadLines(Path.Combine(folder, "expected.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)];
        expected.Length.ShouldBe(30);
        var together = encoder.EncodeDocuments([.. expected.Select(e => e.GetProperty("text").GetString()!)], default);
        for (var i = 0; i < expected.Length; i++)
        {
            float[] reference = [.. expected[i].GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle())];
            var id = expected[i].GetProperty("id").GetString();
            Difference(encoder.EncodeQuery(expected[i].GetProperty("text").GetString()!, default), reference).ShouldBeLessThan(1e-5f, id);
            Difference(together[i], reference).ShouldBeLessThan(1e-5f, id);
        }
    }

    [SkippableFact]
    public void Texts_that_mean_the_same_are_near()
    {
        using var encoder = new OnnxDenseEncoder(ModelPackage.Read(SharedData.Require("models/all-minilm-l6-v2"), "minilm"), "", new EncoderOptions());
        var query = encoder.EncodeQuery("How do I change a flat tyre?", default);
        var documents = encoder.EncodeDocuments(["Replacing a punctured wheel on your bicycle", "Interest rates set by central banks"], default);
        TensorPrimitives.Dot<float>(query, documents[0]).ShouldBeGreaterThan(TensorPrimitives.Dot<float>(query, documents[1]) + 0.2f);
    }

    [SkippableTheory]
    [InlineData("""{"pooling_mode_mean_tokens": true}""", false)]
    [InlineData("""{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""", true)]
    [InlineData("""{"pooling_mode": "max"}""", true)]
    public void Pooling_and_normalisation_are_those_of_the_package(string pooling, bool normalize)
    {
        var control = SharedData.Require("golden/models/broken/control");
        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
        {
            File.CreateSymbolicLink(Path.Combine(_folder.Path, name), Path.Combine(control, name));
        }

        Directory.CreateDirectory(Path.Combine(_folder.Path, "1_Pooling"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "2_Normalize"));
        File.WriteAllText(Path.Combine(_folder.Path, "1_Pooling/config.json"), pooling);
        File.WriteAllText(Path.Combine(_folder.Path, "modules.json"), $$"""
            [{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
            {{(normalize ? """, {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}""" : "")}}]
            """);
        using var encoder = new OnnxDenseEncoder(ModelPackage.Read(_folder.Path, "test"), "", new EncoderOptions { Threads = 1 });
        encoder.IsNormalized.ShouldBe(normalize);
        string[] texts = ["the first text is longer than the others", "a", ""];
        var vectors = encoder.EncodeDocuments(texts, default);
        for (var i = 0; i < texts.Length; i++)
        {
            vectors[i].Length.ShouldBe(16);
            Difference(vectors[i], encoder.EncodeQuery(texts[i], default)).ShouldBeLessThan(1e-5f);
            if (normalize)
            {
                TensorPrimitives.Norm<float>(vectors[i]).ShouldBe(1f, 1e-5f);
            }
        }

        Difference(vectors[0], vectors[1]).ShouldBeGreaterThan(0.01f);
    }

    [Theory]
    [InlineData("""{"pooling_mode_lasttoken": true}""", "lasttoken")]
    [InlineData("""{"pooling_mode_cls_token": true, "pooling_mode_max_tokens": true}""", "cls and max")]
    [InlineData("""{"pooling_mode": "median"}""", "median")]
    [InlineData("""{"pooling_mode": "mean", "include_prompt": false}""", "include_prompt")]
    [InlineData("{}", "No pooling mode")]
    public void Pooling_that_is_not_supported_is_refused(string pooling, string cause)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "1_Pooling"));
        File.WriteAllText(Path.Combine(_folder.Path, "1_Pooling/config.json"), pooling);
        File.WriteAllText(Path.Combine(_folder.Path, "modules.json"), """[{"path": "", "type": "x.Transformer"}, {"path": "1_Pooling", "type": "x.Pooling"}]""");
        Should.Throw<ModelPackageException>(() => ModelPackage.Read(_folder.Path, "test")).Message.ShouldContain(cause);
    }

    [Fact]
    public void A_dense_layer_after_the_pooling_is_refused()
    {
        File.WriteAllText(
            Path.Combine(_folder.Path, "modules.json"),
            """[{"path": "", "type": "x.Transformer"}, {"path": "1_Pooling", "type": "x.Pooling"}, {"path": "2_Dense", "type": "x.Dense"}]""");
        Should.Throw<ModelPackageException>(() => ModelPackage.Read(_folder.Path, "test")).Message.ShouldContain("[Dense] after the pooling");
    }

    private static float Difference(float[] a, float[] b) => a.Zip(b).Max(p => MathF.Abs(p.First - p.Second));
}
