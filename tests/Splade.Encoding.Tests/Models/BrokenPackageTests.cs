using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests.Models;

/// <summary>Packages with one fault each: every one is refused by an error that names the file and says what is wrong with it.</summary>
public sealed class BrokenPackageTests
{
    [SkippableTheory]
    [InlineData("missing-vocab", "vocab", "no tokenizer")]
    [InlineData("missing-config", "config.json", "not there")]
    [InlineData("config-cut", "config.json", "no valid JSON")]
    [InlineData("missing-weights", "model.safetensors", "no weights")]
    [InlineData("wrong-shape", "model.safetensors", "intermediate.dense.weight has the shape [16, 24]")]
    [InlineData("missing-tensor", "model.safetensors", "attention.self.value.weight is missing")]
    [InlineData("truncated", "model.safetensors", "cut off")]
    [InlineData("empty-weights", "model.safetensors", "0 bytes")]
    [InlineData("offset-past-end", "model.safetensors", "cut off")]
    [InlineData("offset-overlap", "model.safetensors", "leaves a gap")]
    [InlineData("offset-negative", "model.safetensors", "none of them negative")]
    [InlineData("offset-reversed", "model.safetensors", "end before they begin")]
    [InlineData("size-mismatch", "model.safetensors", "[17] needs")]
    [InlineData("shape-overflow", "model.safetensors", "[4294967296, 4294967296] needs")]
    [InlineData("header-huge", "model.safetensors", "4611686018427387904 bytes")]
    [InlineData("header-past-end", "model.safetensors", "The header should have")]
    [InlineData("header-not-json", "model.safetensors", "no valid JSON")]
    [InlineData("dtype-unknown", "model.safetensors", "Q4_K")]
    [InlineData("dtype-int", "model.safetensors", "I32")]
    [InlineData("nan-weights", "model.safetensors", "NaN")]
    [InlineData("pickle-only", "model.safetensors", "pytorch_model.bin, which is not read")]
    [InlineData("unsupported-arch", "config.json", "\"t5\": the architecture is not supported")]
    [InlineData("no-mlm-head", "config.json", "no masked-language-model head")]
    [InlineData("unknown-activation", "config.json", "\"swiglu9\": the activation function is not known")]
    [InlineData("heads-do-not-divide", "config.json", "num_attention_heads is 3: it does not divide the hidden size 16")]
    [InlineData("huge-config", "model.safetensors", "config.json asks for [409, 2000000000]")]
    [InlineData("vocab-mismatch", "config.json", "vocab_size is 406: the tokenizer has 409 pieces")]
    [InlineData("index-missing-shard", "model.safetensors.index.json", "[model-00002-of-00002.safetensors], which is not there")]
    [InlineData("index-path-escape", "model.safetensors.index.json", "no safetensors file of the same folder")]
    [InlineData("modules-path-escape", "modules.json", "leads out of the package")]
    [InlineData("modules-unknown-type", "modules.json", "SecretPooling")]
    [InlineData("modules-dense", "modules.json", "SparseEncoder")]
    [InlineData("pooling-unknown", "1_SpladePooling/config.json", "\"mean\"")]
    [InlineData("activation-unknown", "1_SpladePooling/config.json", "\"softplus\"")]
    [InlineData("router-missing-module", "router_config.json", "query_0_SparseStaticEmbedding")]
    [InlineData("onnx-other-task", "model.onnx", "[batch, 2]")]
    [InlineData("onnx-truncated", "model.onnx", "ONNX")]
    [InlineData("onnx-external-missing", "model.onnx", "which is not there")]
    [InlineData("onnx-external-escape", "model.onnx", "leads out of the package")]
    [InlineData("onnx-vocab-mismatch", "model.onnx", "pieces of the tokenizer")]
    public void Broken_packages_are_refused(string name, string file, string cause)
    {
        var fault = Should.Throw<ModelPackageException>(() => Open(SharedData.Require($"golden/models/broken/{name}")));
        fault.Message.ShouldContain(cause);
        fault.File.ShouldContain(file);
    }

    [SkippableFact]
    public void Every_fault_has_a_test()
    {
        var tested = typeof(BrokenPackageTests).GetMethod(nameof(Broken_packages_are_refused))!.GetCustomAttributesData()
            .Where(a => a.AttributeType == typeof(InlineDataAttribute))
            .Select(a => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[0].Value!);
        Directory.EnumerateDirectories(SharedData.Require("golden/models/broken")).Select(Path.GetFileName).ShouldBe([.. tested, "control"], ignoreOrder: true);
    }

    [SkippableFact]
    public void The_package_without_a_fault_works()
    {
        var golden = GoldenFolder.Require("broken/control");
        using var encoder = Open(golden.Path);
        var encoded = encoder.EncodeDocuments([.. golden.Texts.Select(t => t.Text)], default);
        for (var i = 0; i < encoded.Count; i++)
        {
            golden.Texts[i].Vector.ShouldEqual(encoded[i].Indices, encoded[i].Weights, 1e-4f, relative: false, golden.Texts[i].Id);
        }
    }

    private static OnnxSparseEncoder Open(string folder) => new(ModelPackage.Read(folder, "test"), "", new EncoderOptions { Threads = 1 });
}
