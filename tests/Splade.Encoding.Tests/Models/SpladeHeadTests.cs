using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Tests;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Tests.Models;

/// <summary>ONNX files in the forms that exporters write: the head is put where it is cheap, and gives what the formula says.</summary>
public sealed class SpladeHeadTests : IDisposable
{
    private const int Vocabulary = 10;
    private const int Hidden = 4;
    private static readonly int[] Text = [2, 5, 6, 6, 3];
    private static readonly int[] Longer = [2, 7, 8, 9, 9, 9, 1, 3];
    private readonly TemporaryFolder _folder = new();
    private readonly float[] _embeddings = Random(1, Vocabulary * Hidden);
    private readonly float[] _decoder = Random(2, Hidden * Vocabulary);
    private readonly float[] _bias = Random(3, Vocabulary);

    private string Folder => Path.Combine(_folder.Path, "package");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("add", true)]
    [InlineData("bias first", true)]
    [InlineData("no bias", true)]
    [InlineData("transpose", true)]
    [InlineData("gemm", true)]
    [InlineData("identity", true)]
    [InlineData("scaled", false)]
    [InlineData("bias of each position", false)]
    public void The_end_of_a_graph_is_recognised(string form, bool recognised)
    {
        var model = WriteLogits(form);
        (VocabularyProjection.Find(model.Graph, "logits") is not null).ShouldBe(recognised);
        Check(Pooling.Default, form == "no bias" ? new float[Vocabulary] : _bias, form == "scaled" ? 2 : 1);
        Check(new Pooling(true, false), form == "no bias" ? new float[Vocabulary] : _bias, form == "scaled" ? 2 : 1);
        Check(new Pooling(false, true), form == "no bias" ? new float[Vocabulary] : _bias, form == "scaled" ? 2 : 1);
    }

    [Fact]
    public void Old_operators_and_new_ones_give_the_same()
    {
        foreach (var opset in (int[])[11, 12, 13, 17, 18, 20])
        {
            WriteLogits("add", opset);
            Check(Pooling.Default, _bias, 1);
            Check(new Pooling(true, true), _bias, 1);
        }
    }

    [Fact]
    public void Logits_that_nobody_needs_are_not_computed()
    {
        WriteLogits("add");
        var graph = Load(Pooling.Default);
        graph.Model!.Graph.Output.Select(o => o.Name).ShouldBe([SpladeHead.Vector]);
        graph.Model.Graph.Node.ShouldNotContain(n => n.Output.Contains("logits"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Only_the_largest_weights_are_kept(int most)
    {
        WriteLogits("add");
        File.WriteAllText(Path.Combine(Folder, "splade.json"), $$"""{"max_active_dims": {{most}}}""");
        var expected = Expected(Text, Pooling.Default, _bias, 1);
        var kept = expected.OrderDescending().Take(most).Where(w => w > 0).ToArray();
        using var encoder = new OnnxSparseEncoder(ModelPackage.Read(Folder, "test"), "", new EncoderOptions { Threads = 1 });
        var encoded = encoder.EncodeDocuments(["cat dog dog", "fish . . ."], default)[0];
        encoded.Weights.OrderDescending().ShouldBe(kept, 1e-5);
        encoded.Indices.ShouldBeInOrder();

        // In the imported package the head has done it already.
        Import.ModelImporter.Import(Folder, _folder.Path, new Import.ImportOptions("model"), _ => { }, default);
        using var registry = new ModelRegistry(_folder.Path);
        registry.Get("model").EncodeDocuments(["cat dog dog"], default)[0].Weights.ShouldBe(encoded.Weights, 1e-6);
    }

    [Fact]
    public void Special_tokens_are_zeroed_on_demand()
    {
        WriteLogits("add");
        File.WriteAllText(Path.Combine(Folder, "splade.json"), """{"zero_special_tokens": true}""");
        using var encoder = new OnnxSparseEncoder(ModelPackage.Read(Folder, "test"), "", new EncoderOptions { Threads = 1 });
        var encoded = encoder.EncodeDocuments(["cat dog dog"], default)[0];
        encoded.Indices.ShouldBe(Enumerable.Range(5, 5).Where(i => Expected(Text, Pooling.Default, _bias, 1)[i] > 0));
    }

    [Theory]
    [InlineData("""{"max_active_dims": 2}""", 2, true)]
    [InlineData("""{"zero_special_tokens": true}""", 10, false)]
    [InlineData("""{"zero_special_tokens": true, "max_active_dims": 1}""", 1, false)]
    [InlineData("""{"max_active_dims": 1000}""", 10, true)]
    public void Settings_that_come_after_the_import_count_too(string settings, int most, bool special)
    {
        WriteLogits("add");
        Import.ModelImporter.Import(Folder, _folder.Path, new Import.ImportOptions("model"), _ => { }, default);
        File.WriteAllText(Path.Combine(_folder.Path, "models", "model", "splade.json"), settings);
        var expected = Expected(Text, Pooling.Default, _bias, 1).Select((w, i) => special || i >= 5 ? w : 0f).ToArray();
        using var registry = new ModelRegistry(_folder.Path);
        registry.Get("model").EncodeDocuments(["cat dog dog"], default)[0].Weights.OrderDescending()
            .ShouldBe(expected.Where(w => w > 0).OrderDescending().Take(most), 1e-5);
    }

    [Fact]
    public void A_graph_that_chose_its_terms_at_import_can_not_choose_others()
    {
        WriteLogits("add");
        File.WriteAllText(Path.Combine(Folder, "splade.json"), """{"max_active_dims": 2}""");
        Import.ModelImporter.Import(Folder, _folder.Path, new Import.ImportOptions("model"), _ => { }, default);
        File.WriteAllText(Path.Combine(_folder.Path, "models", "model", "splade.json"), """{"max_active_dims": 3}""");
        using var registry = new ModelRegistry(_folder.Path);
        Should.Throw<ModelPackageException>(() => registry.Get("model")).Message.ShouldContain("chooses 2 terms itself. Import the package again");
    }

    [Fact]
    public void A_limit_that_is_no_number_of_weights_is_refused()
    {
        WriteLogits("add");
        File.WriteAllText(Path.Combine(Folder, "splade.json"), """{"max_active_dims": 0}""");
        Should.Throw<ModelPackageException>(() => ModelPackage.Read(Folder, "test")).Message.ShouldContain("max_active_dims is 0");
    }

    [Fact]
    public void Damaged_weights_of_an_onnx_file_are_refused_at_import()
    {
        _decoder[7] = float.NaN;
        WriteLogits("add");
        Should.Throw<ModelPackageException>(() => Import.ModelImporter.Import(Folder, _folder.Path, new Import.ImportOptions("model"), _ => { }, default))
            .Message.ShouldContain("NaN at position 7");
    }

    [Fact]
    public void Weights_too_large_for_the_file_go_beside_it()
    {
        WriteLogits("add");
        var graph = Load(Pooling.Default);
        var large = new OnnxGraphBuilder(graph.Model!, "large");
        var source = Path.Combine(Folder, "onnx/model.onnx");
        var target = Path.Combine(_folder.Path, "moved.onnx");
        large.Constant(new float[1000], 1000);
        OnnxWriter.Write(graph.Model!, source, target, maxBytes: 1024);
        new FileInfo(target + "_data").Length.ShouldBe(4000);
        graph.Model!.Graph.Initializer.Last().RawData.Length.ShouldBe(4000);
        var moved = OnnxFile.Read(target, _folder.Path);
        TensorData.Floats(moved.Graph.Initializer.Last(), target).ShouldBe(new float[1000]);
        using var session = SpladeSession.Open(new RunnableGraph(target, null, graph.Output), Vocabulary, new EncoderOptions { Threads = 1 });
        Check(session, Pooling.Default, _bias, 1);
    }

    [Theory]
    [InlineData("Identity", "a", "logits")]
    [InlineData("Identity", "logits", "logits")]
    [InlineData("Add", "logits", "logits")]
    [InlineData("Cast", "", "logits")]
    [InlineData("Reshape", "", "logits")]
    public void Graphs_that_are_not_well_formed_are_typed_errors(string operation, string input, string output)
    {
        var package = new TinyPackage(Folder);
        var graph = new OnnxGraphBuilder();
        graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        graph.Node(operation, input.Length == 0 ? [] : [input], output: output);
        graph.Node("Identity", ["logits"], output: "a");
        graph.Output("logits", DataType.Float, "batch", "sequence", Vocabulary);
        File.WriteAllBytes(Path.Combine(package.Folder, "onnx/model.onnx"), graph.ToBytes());
        Should.Throw<ModelPackageException>(() => new OnnxSparseEncoder(ModelPackage.Read(Folder, "test"), "", new EncoderOptions { Threads = 1 }))
            .File.ShouldEndWith("model.onnx");
    }

    [Fact]
    public void Int8_keeps_the_weights_and_shares_a_tied_table()
    {
        WriteLogits("tied", vocabulary: 1200);
        var graph = Load(Pooling.Default);
        new Int8Quantizer(graph.Model!, graph.Path).Quantize();
        var weights = graph.Model!.Graph.Initializer.Where(i => i.Dims.Count == 2).ToArray();
        weights.ShouldHaveSingleItem().DataType.ShouldBe((int)DataType.Int8);
        graph.Model.Graph.Node.Select(n => n.OpType).ShouldContain("MatMulInteger");
        graph.Model.Graph.Node.ShouldNotContain(n => n.OpType == "MatMul");
        var exact = Run(Load(Pooling.Default), 1200);
        var quantised = Run(graph, 1200);
        for (var i = 0; i < exact.Length; i++)
        {
            quantised[i].ShouldBe(exact[i], 0.05f);
        }
    }

    private static float[] Run(RunnableGraph graph, int vocabulary)
    {
        using var session = SpladeSession.Open(graph, vocabulary, new EncoderOptions { Threads = 1 });
        using var input = new ModelInputBatch(1, Text.Length, 0);
        input.Fill(0, [.. Text.Select(i => (long)i)]);
        float[] result = [];
        session.Run(input, (_, weights) => result = weights.ToArray());
        return result;
    }

    private void Check(Pooling pooling, float[] bias, float scale)
    {
        using var session = SpladeSession.Open(Load(pooling), Vocabulary, new EncoderOptions { Threads = 1 });
        Check(session, pooling, bias, scale);
    }

    private void Check(SpladeSession session, Pooling pooling, float[] bias, float scale)
    {
        using var input = new ModelInputBatch(2, Longer.Length, 0);
        input.Fill(0, [.. Text.Select(i => (long)i)]);
        input.Fill(1, [.. Longer.Select(i => (long)i)]);
        session.Run(input, (row, weights) => weights.ToArray().ShouldBe(Expected(row == 0 ? Text : Longer, pooling, bias, scale), 1e-5));
    }

    private float[] Expected(int[] ids, Pooling pooling, float[] bias, float scale)
    {
        float Logit(int id, int piece) =>
            (Enumerable.Range(0, Hidden).Sum(h => _embeddings[(id * Hidden) + h] * _decoder[(h * Vocabulary) + piece]) + bias[piece]) * scale;
        float Active(float logit)
        {
            var once = MathF.Log(1 + MathF.Max(0, logit));
            return pooling.TwiceLog ? MathF.Log(1 + once) : once;
        }

        return [.. Enumerable.Range(0, Vocabulary).Select(j => pooling.Sum ? ids.Sum(id => Active(Logit(id, j))) : ids.Max(id => Active(Logit(id, j))))];
    }

    private RunnableGraph Load(Pooling pooling)
    {
        var files = new PackageFiles(Folder);
        var vocabulary = File.ReadAllLines(Path.Combine(Folder, "vocab.txt")).Length;
        return RunnableGraph.Load(files, new EncoderSide("", new GivenIds(vocabulary, 0), 128, pooling, WeightFiles.Find(files, "", orRoot: true)), null);
    }

    private ModelProto WriteLogits(string form, int opset = 18, int vocabulary = Vocabulary)
    {
        var package = new TinyPackage(Folder);
        if (vocabulary > Vocabulary)
        {
            package.Write("vocab.txt", string.Join('\n', TinyPackage.Vocabulary.Concat(Enumerable.Range(0, vocabulary - Vocabulary).Select(i => $"x{i}"))) + "\n");
        }

        var graph = new OnnxGraphBuilder(opset);
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var table = graph.Constant(form == "tied" ? Random(1, vocabulary * Hidden) : _embeddings, vocabulary, Hidden);
        var hidden = graph.Node("Gather", [table, ids]);
        var decoder = graph.Constant(_decoder, Hidden, Vocabulary);
        var bias = graph.Constant(_bias, Vocabulary);
        var transposed = new float[_decoder.Length];
        for (var i = 0; i < transposed.Length; i++)
        {
            transposed[i] = _decoder[(i % Hidden * Vocabulary) + (i / Hidden)];
        }

        string Product(string weight) => graph.Node("MatMul", [hidden, weight]);
        AttributeProto[] swap = [OnnxGraphBuilder.Attribute("perm", [1L, 0L])];
        switch (form)
        {
            case "add":
                graph.Node("Add", [Product(decoder), bias], output: "logits");
                break;
            case "bias first":
                graph.Node("Add", [bias, Product(decoder)], output: "logits");
                break;
            case "no bias":
                graph.Node("MatMul", [hidden, decoder], output: "logits");
                break;
            case "identity":
                graph.Node("Identity", [graph.Node("Add", [graph.Node("Identity", [Product(decoder)]), bias])], output: "logits");
                break;
            case "transpose":
                graph.Node("Add", [Product(graph.Node("Transpose", [graph.Constant(transposed, Vocabulary, Hidden)], swap)), bias], output: "logits");
                break;
            case "tied":
                graph.Node("MatMul", [hidden, graph.Node("Transpose", [table], swap)], output: "logits");
                break;
            case "gemm":
                var rows = graph.Node("Reshape", [hidden, graph.Constant([-1L, Hidden], 2)]);
                var product = graph.Node("Gemm", [rows, graph.Constant(transposed, Vocabulary, Hidden), bias], [OnnxGraphBuilder.Attribute("transB", 1)]);
                var shape = graph.Node("Concat", [graph.Node("Shape", [ids]), graph.Constant([(long)Vocabulary], 1)], [OnnxGraphBuilder.Attribute("axis", 0)]);
                graph.Node("Reshape", [product, shape], output: "logits");
                break;
            case "scaled":
                graph.Node("Mul", [graph.Node("Add", [Product(decoder), bias]), graph.Constant(2f)], output: "logits");
                break;
            case "bias of each position":
                graph.Node("Add", [Product(decoder), graph.Constant(_bias, 1, 1, Vocabulary)], output: "logits");
                break;
            default:
                throw new ArgumentException(form, nameof(form));
        }

        graph.Output("logits", DataType.Float, "batch", "sequence", vocabulary);
        File.WriteAllBytes(Path.Combine(Folder, "onnx/model.onnx"), graph.ToBytes());
        return graph.Model;
    }

    private static float[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }
}
