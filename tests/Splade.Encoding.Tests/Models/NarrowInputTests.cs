using Splade.Encoding.Import;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Tests;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Tests.Models;

/// <summary>Graphs whose inputs are int32 give the same as those with int64: as they lie and imported.</summary>
public sealed class NarrowInputTests : IDisposable
{
    private const int Vocabulary = 10;

    /// <summary>Smaller tables are left in float32.</summary>
    private const int QuantisedRows = 1000;
    private static readonly string[] Texts = ["cat dog dog fish", "fishes.", "dog"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("logits")]
    [InlineData("vector")]
    [InlineData("top-k")]
    [InlineData("pairs")]
    [InlineData("inner")]
    public void Sparse_vectors_are_equal(string form)
    {
        foreach (var zero in (bool[])[false, true])
        {
            var settings = zero && form is not ("top-k" or "pairs") ? """{"zero_special_tokens": true}""" : "{}";
            var expected = Encode(Write($"long{zero}", form, DataType.Int64, settings));
            var narrow = Write($"narrow{zero}", form, DataType.Int32, settings);
            var found = Encode(narrow);
            found.SelectMany(t => t.Indices).ShouldNotBeEmpty();
            Same(found, expected);
            Same(Encode(ModelImporter.Import(narrow, _folder.Path, new ImportOptions($"model{zero}"), _ => { }, default).Folder), expected);
        }
    }

    /// <summary>Both a table that is looked up by the ids and a product are quantised.</summary>
    [Fact]
    public void Int8_vectors_are_equal_too()
    {
        ImportReport[] imported = [.. new[] { DataType.Int64, DataType.Int32 }.Select(type => ModelImporter.Import(
            Write($"{type}", "product", type, "{}"), _folder.Path, new ImportOptions($"model{type}", Int8: true), _ => { }, default))];
        var expected = Encode(imported[0].Folder);
        expected.SelectMany(t => t.Indices).ShouldNotBeEmpty();
        Same(Encode(imported[1].Folder), expected);
        imported[1].Loss.ShouldBe(imported[0].Loss);
        imported[1].Loss!.MeanCosine.ShouldBeGreaterThan(0.95);
        foreach (var report in imported)
        {
            OnnxFile.Read(Path.Combine(report.Folder, "onnx/model.onnx"), report.Folder).Graph.Initializer
                .Count(i => i.Dims.Count == 2 && i.DataType == (int)DataType.Int8).ShouldBe(2);
        }
    }

    [Fact]
    public void Queries_of_a_model_of_their_own_are_equal()
    {
        string[] folders = [.. new[] { DataType.Int64, DataType.Int32 }.Select(type =>
        {
            var folder = Write($"{type}", "logits", type, "{}");
            var package = new TinyPackage(Path.Combine(folder, "query"));
            WriteGraph(package.Folder, "vector", type);
            File.WriteAllText(
                Path.Combine(folder, "router_config.json"),
                """{"types": {"": "x.MLMTransformer", "query": "x.MLMTransformer"}, "structure": {"query": ["query"], "document": [""]}}""");
            File.WriteAllText(Path.Combine(folder, "modules.json"), """[{"path": "", "type": "x.Router"}]""");
            return folder;
        })];
        foreach (var folder in folders)
        {
            ModelPackage.Read(folder, "test").Queries.ShouldNotBeNull();
        }

        using var expected = Open(folders[0]);
        using var found = Open(folders[1]);
        Same([found.EncodeQuery(Texts[0], default)], [expected.EncodeQuery(Texts[0], default)]);
    }

    [Theory]
    [InlineData("sentence_embedding")]
    [InlineData("last_hidden_state")]
    public void Dense_vectors_are_equal(string form)
    {
        var expected = Dense(DenseFolder("long", form, DataType.Int64));
        var narrow = DenseFolder("narrow", form, DataType.Int32);
        Dense(narrow).ShouldBe(expected);
        Dense(ModelImporter.Import(narrow, _folder.Path, new ImportOptions("model"), _ => { }, default).Folder).ShouldBe(expected);
    }

    [Fact]
    public void The_naive_encoder_of_a_benchmark_runs_them_too()
    {
        var files = new PackageFiles(Write("narrow", "logits", DataType.Int32, "{}"));
        var package = ModelPackage.Read(files.Folder, "test");
        using var session = SpladeSession.Open(RunnableGraph.LoadLogits(files, package.Documents)!, Vocabulary, new EncoderOptions { Threads = 1 });
        using var input = new ModelInputBatch(1, 3, 0);
        input.Fill(0, [2, 5, 3]);
        session.Run(input, (_, logits) => logits.Length.ShouldBe(3 * Vocabulary));
    }

    private static OnnxSparseEncoder Open(string folder) => new(ModelPackage.Read(folder, "test"), "", new EncoderOptions { Threads = 1 });

    private static EncodedText[] Encode(string folder)
    {
        using var encoder = Open(folder);
        return [.. encoder.EncodeDocuments(Texts, default), encoder.EncodeQuery(Texts[0], default)];
    }

    private static float[][] Dense(string folder)
    {
        using var encoder = new OnnxDenseEncoder(ModelPackage.Read(folder, "test"), "", new EncoderOptions { Threads = 1 });
        return [.. encoder.EncodeDocuments(Texts, default)];
    }

    private static void Same(EncodedText[] found, EncodedText[] expected)
    {
        found.Length.ShouldBe(expected.Length);
        foreach (var (one, other) in found.Zip(expected))
        {
            one.Indices.ShouldBe(other.Indices);
            one.Weights.ShouldBe(other.Weights);
        }
    }

    private string Write(string name, string form, DataType type, string settings)
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, name));
        package.Write("splade.json", settings);
        WriteGraph(package.Folder, form, type);
        return package.Folder;
    }

    private string DenseFolder(string name, string form, DataType type)
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, name));
        package.Write("modules.json", """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
            """);
        package.Write("1_Pooling/config.json", $$"""{"word_embedding_dimension": {{Vocabulary}}, "pooling_mode_mean_tokens": true}""");
        WriteGraph(package.Folder, form, type);
        return package.Folder;
    }

    /// <summary>Each input counts, so that none can be left out.</summary>
    private static void WriteGraph(string folder, string form, DataType type)
    {
        var random = new Random(3);
        var graph = new OnnxGraphBuilder();
        var batch = form == "pairs" ? (object)1 : "batch";
        var ids = graph.Input("input_ids", type, batch, "sequence");
        var mask = graph.Input("attention_mask", type, batch, "sequence");
        var kinds = graph.Input("token_type_ids", type, batch, "sequence");
        var rows = form == "product" ? QuantisedRows : Vocabulary;
        var table = graph.Constant([.. Enumerable.Range(0, rows * Vocabulary).Select(_ => (float)((random.NextDouble() * 6) - 4))], rows, Vocabulary);
        var logits = graph.Node("Gather", [table, form == "inner" ? Inner(graph, ids) : ids]);
        if (form == "product")
        {
            logits = graph.Node("MatMul", [logits, graph.Constant([.. Enumerable.Range(0, Vocabulary * Vocabulary).Select(_ => (float)random.NextDouble() - 0.5f)], Vocabulary, Vocabulary)]);
        }

        logits = graph.Node("Mul", [logits, graph.Unsqueeze(graph.Cast(mask, DataType.Float), 2)]);
        logits = graph.Node("Add", [logits, graph.Unsqueeze(graph.Cast(kinds, DataType.Float), 2)]);
        switch (form)
        {
            case "logits" or "inner" or "product" or "last_hidden_state":
                var name = form == "last_hidden_state" ? form : "logits";
                graph.Node("Identity", [logits], output: name);
                graph.Output(name, DataType.Float, "batch", "sequence", Vocabulary);
                break;
            case "vector" or "sentence_embedding":
                graph.Node("Identity", [Vector()], output: form);
                graph.Output(form, DataType.Float, "batch", Vocabulary);
                break;
            case "top-k":
                graph.TopK(Vector(), 3, "weights", "indices");
                graph.Output("weights", DataType.Float, "batch", 3);
                graph.Output("indices", DataType.Int64, "batch", 3);
                break;
            case "pairs":
                var row = graph.Node("Squeeze", [Vector(), graph.Constant([0L], 1)]);
                var places = graph.Node("NonZero", [row]);
                graph.Node("Squeeze", [places, graph.Constant([0L], 1)], output: "output_idx");
                graph.Node("Gather", [row, "output_idx"], output: "output_weights");
                graph.Output("output_idx", DataType.Int64, "count");
                graph.Output("output_weights", DataType.Float, "count");
                break;
            default:
                throw new ArgumentException(form, nameof(form));
        }

        File.WriteAllBytes(Path.Combine(folder, "onnx/model.onnx"), graph.ToBytes());

        string Vector() => graph.Node("Relu", [graph.ReduceMax(logits, 1)]);
    }

    /// <summary>The ids by way of a graph inside of a node, which sees them as a value of the graph around it.</summary>
    private static string Inner(OnnxGraphBuilder graph, string ids)
    {
        var always = graph.Initializer(DataType.Bool, [1]);
        return graph.Node("If", [always], [Branch("then_branch"), Branch("else_branch")]);

        AttributeProto Branch(string name)
        {
            var branch = new GraphProto { Name = name };
            var node = new NodeProto { OpType = "Cast", Input = { ids }, Output = { name + "_ids" } };
            node.Attribute.Add(OnnxGraphBuilder.Attribute("to", (long)DataType.Int64));
            branch.Node.Add(node);
            branch.Output.Add(new ValueInfoProto { Name = name + "_ids", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Int64 } } });
            return new AttributeProto { Name = name, G = branch, Type = AttributeProto.Types.AttributeType.Graph };
        }
    }
}
