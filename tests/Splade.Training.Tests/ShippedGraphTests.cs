using System.Runtime.InteropServices;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Lexical;
using Splade.Training.Distillation;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>The graphs that ship are what their builders write now, but for what was learnt.</summary>
[Collection(TorchTests.Name)]
public sealed class ShippedGraphTests
{
    private static readonly LexicalModelOptions Lexical = new();

    [Fact]
    public void The_default_model_is_what_its_builder_writes()
    {
        const int rows = 29_755;
        const int vocabulary = 61_331;
        using var network = BagNetwork.Create(randn(rows, 192), new float[rows], [0, 1, 2, 3, 4]);
        var built = BagGraph.Build(network, new BagExpansion(new float[rows], 1, 0, 100), new bool[vocabulary], new PieceLanguage[vocabulary], Lexical, int8: true);
        ShouldBeShipped("splade-small-v1", built);
    }

    [Fact]
    public void The_multilingual_model_is_what_its_builder_writes()
    {
        const int vocabulary = 119_139;
        var pieces = Enumerable.Repeat("x", vocabulary).ToArray();
        var pairs = new PiecePairs(pieces, new HashSet<int>(), _ => true, new PairSettings(86_371, 32_768, 0.3f));
        ShouldBeShipped("lexical-multilingual-v1", LexicalGraph.Build(new bool[vocabulary], Lexical, pairs));
    }

    private static void ShouldBeShipped(string name, byte[] built)
    {
        var (shipped, expected) = (Describe(Shipped(name)), Describe(built));
        shipped.Except(expected).ShouldBeEmpty();
        shipped.SequenceEqual(expected).ShouldBeTrue();
    }

    private static byte[] Shipped(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "models", name, "onnx", "model.onnx"));

    /// <summary>Everything but the values of tables and settings; whole numbers are places, shapes and axes.</summary>
    private static List<string> Describe(byte[] bytes)
    {
        var model = ModelProto.Parser.ParseFrom(bytes);
        var tables = model.Graph.Initializer.Select(tensor =>
        {
            var values = tensor.DataType == (int)TensorProto.Types.DataType.Int64 ? string.Join(',', MemoryMarshal.Cast<byte, long>(tensor.RawData.Span).ToArray()) : "";
            return $"{tensor.Name} {tensor.DataType} [{string.Join(',', tensor.Dims)}] {values}";
        });
        List<string> lines = [.. tables, .. model.Graph.Node.Select(n => n.ToString()), .. model.Graph.ValueInfo.Select(v => v.ToString())];
        model.Graph.Initializer.Clear();
        model.Graph.Node.Clear();
        model.Graph.ValueInfo.Clear();
        return [.. lines, model.ToString()];
    }
}
