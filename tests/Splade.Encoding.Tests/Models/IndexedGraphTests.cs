using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Tests;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Tests.Models;

/// <summary>Graphs that give all weights with their indices, as many as a batch needs, in batches: some twice, and padding with weight 0.</summary>
public sealed class IndexedGraphTests : IDisposable
{
    // [CLS] cat dog dog [SEP]: a piece weighs a tenth of its id.
    private static readonly (int Id, float Weight)[] Terms = [(2, 0.2f), (3, 0.3f), (5, 0.5f), (6, 0.6f)];
    private readonly TemporaryFolder _folder = new();

    private string Folder => Path.Combine(_folder.Path, "package");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{}", 2, 3, 5, 6)]
    [InlineData("""{"zero_special_tokens": true}""", 5, 6)]
    [InlineData("""{"max_active_dims": 2}""", 5, 6)]
    [InlineData("""{"max_active_dims": 20}""", 2, 3, 5, 6)]
    [InlineData("""{"max_active_dims": 1, "zero_special_tokens": true}""", 6)]
    public void Its_vectors_get_the_settings_of_the_package_when_they_are_read(string settings, params int[] kept)
    {
        var package = new TinyPackage(Folder);
        package.Write("splade.json", settings);
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        var mask = graph.Cast(graph.Input("attention_mask", DataType.Int64, "batch", "sequence"), DataType.Float);
        graph.Node("Identity", [ids], output: "indices");
        graph.Node("Mul", [graph.Node("Mul", [graph.Cast(ids, DataType.Float), graph.Constant(0.1f)]), mask], output: "weights");
        graph.Output("weights", DataType.Float, "batch", "terms");
        graph.Output("indices", DataType.Int64, "batch", "terms");
        File.WriteAllBytes(Path.Combine(Folder, "onnx/model.onnx"), graph.ToBytes());

        using var encoder = new OnnxSparseEncoder(ModelPackage.Read(Folder, "test"), "", new EncoderOptions { Threads = 1 });
        var texts = encoder.EncodeDocuments(["cat dog dog", "fish . . . . . ."], EncodingSettings.Default, default);
        texts[0].Indices.ShouldBe(kept);
        texts[0].Weights.ShouldBe(Terms.Where(t => kept.Contains(t.Id)).Select(t => t.Weight), 1e-6);
        texts[1].Indices[^1].ShouldBe(9);
    }
}
