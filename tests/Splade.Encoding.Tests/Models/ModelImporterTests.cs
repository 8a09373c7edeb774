using System.Text.Json;
using Splade.Encoding.Benchmarking;
using Splade.Encoding.Import;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests.Models;

public sealed class ModelImporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Models => Path.Combine(_folder.Path, "models");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_imported_package_is_a_model_like_any_other()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "source"));
        package.Write("README.md", "---\nlicense: apache-2.0\n---\nA card.\n");
        package.Write("splade.json", """{"query": {"prune_type": "top_k", "prune_ratio": 3}}""");
        package.Write("weights.bin", "not needed");
        package.Write(".git/config.json", "{}");
        var steps = new List<string>();
        var report = ModelImporter.Import(package.Folder, _folder.Path, new ImportOptions("mine"), steps.Add, default);
        steps.Count.ShouldBeGreaterThan(2);
        report.Model.Name.ShouldBe("mine");
        report.Licence.ShouldBe("apache-2.0");
        report.Sample!.Texts.ShouldBe(12);
        report.Sample.TopTerms.Select(t => t.Weight).ShouldBeInOrder(SortDirection.Descending);
        report.Loss.ShouldBeNull();
        Directory.EnumerateFileSystemEntries(Models).Select(Path.GetFileName).ShouldBe(["mine"]);
        Directory.EnumerateFiles(report.Folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(report.Folder, f)).ShouldBe(
            ["README.md", "onnx/model.onnx", "splade.json", "tokenizer_config.json", "vocab.txt"], ignoreOrder: true);
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(report.Folder, "splade.json")));
        settings.RootElement.GetProperty("imported").GetProperty("task").GetString().ShouldBe("sparse_embedding");
        settings.RootElement.GetProperty("query").GetProperty("prune_ratio").GetInt32().ShouldBe(3);

        using var registry = new ModelRegistry(_folder.Path);
        using var original = new OnnxSparseEncoder(ModelPackage.Read(package.Folder, "source"), "", new EncoderOptions { Threads = 1 });
        registry.TaskOf("mine").ShouldBe(ModelTask.SparseEmbedding);
        registry.Get("mine").EncodeDocuments(["cat dog"], default)[0].Weights.ShouldBe(original.EncodeDocuments(["cat dog"], default)[0].Weights);
    }

    [Fact]
    public void What_a_killed_import_left_goes_with_the_next_one_and_what_a_running_one_has_stays()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "source"));
        var left = Directory.CreateDirectory(Path.Combine(Models, ".import-killed-1")).FullName;
        File.WriteAllText(Path.Combine(left, "vocab.txt"), "");
        File.WriteAllText(left + ".lock", "");
        ModelImporter.Import(
            package.Folder,
            _folder.Path,
            new ImportOptions("outer"),
            _ =>
            {
                if (!Directory.Exists(Path.Combine(Models, "inner")))
                {
                    Import(package.Folder, new ImportOptions("inner"));
                }
            },
            default);
        Directory.EnumerateFileSystemEntries(Models).Select(Path.GetFileName).ShouldBe(["inner", "outer"], ignoreOrder: true);
    }

    [Fact]
    public void The_vector_space_of_an_import_is_that_of_the_weights_it_read_not_of_the_graph_it_built()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "source"));
        Import(package.Folder, new ImportOptions("first"));
        var later = Import(package.Folder, new ImportOptions("later")).Folder;
        _ = new TinyPackage(Path.Combine(_folder.Path, "halved"), table: [.. package.Table.Select(w => w / 2)]);
        Import(Path.Combine(_folder.Path, "halved"), new ImportOptions("weights"));
        var space = Space("first");
        Space("later").ShouldBe(space);
        Space("weights").ShouldNotBe(space);

        // A graph of other bytes: by another version, which notes it, or put there by somebody.
        var graph = Path.Combine(later, "onnx", "model.onnx");
        var model = OnnxFile.Read(graph, later);
        model.ProducerVersion = "later";
        OnnxWriter.Write(model, graph, graph);
        Space("later").ShouldNotBe(space);
        var files = new PackageFiles(later);
        var origin = GraphOrigin.Read(files).ShouldHaveSingleItem();
        var built = origin with { Built = GraphOrigin.HashOf(GraphOrigin.Files(files).Where(f => origin.Has(f.Name))) };
        var settings = Path.Combine(later, "splade.json");
        File.WriteAllText(settings, File.ReadAllText(settings).Replace(origin.Built, built.Built, StringComparison.Ordinal));
        Space("later").ShouldBe(space);
        File.WriteAllText(Path.Combine(later, "tokenizer_config.json"), """{"do_lower_case": false}""");
        Space("later").ShouldNotBe(space);
        File.WriteAllText(settings, """{"imported": {"graphs": {"onnx/": 3}}}""");
        Space("later").ShouldNotBe(space);

        string Space(string name)
        {
            using var registry = new ModelRegistry(_folder.Path);
            return ModelFingerprint.VectorSpaceOf(registry.Get(name).Description.Fingerprint);
        }
    }

    [Fact]
    public void Layers_that_the_settings_do_not_count_are_left_out_with_a_warning()
    {
        var source = Path.Combine(_folder.Path, "source");
        RandomModel.Write(source, layers: 3, hidden: 32, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog"]);
        Steps("all").ShouldNotContain(s => s.Contains("warning", StringComparison.Ordinal));
        var config = Path.Combine(source, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 1", StringComparison.Ordinal));
        Steps("one").ShouldContain(s => s.StartsWith("warning: model.safetensors has 2 more layers than config.json says"));

        List<string> Steps(string name)
        {
            var steps = new List<string>();
            ModelImporter.Import(source, _folder.Path, new ImportOptions(name), steps.Add, default);
            return steps;
        }
    }

    [Fact]
    public void A_folder_may_be_given_with_a_separator_at_its_end()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "tiny"));
        Import(package.Folder + Path.DirectorySeparatorChar, new ImportOptions()).Model.Name.ShouldBe("tiny");
        Path.GetFileName(Directory.EnumerateDirectories(Models).ShouldHaveSingleItem()).ShouldBe("tiny");
    }

    [Fact]
    public void A_refusal_leaves_no_data_folder_that_was_not_there()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "tiny"));
        package.Write("vocab.txt", "nothing");
        var data = Path.Combine(_folder.Path, "data");
        Should.Throw<ModelPackageException>(() => ModelImporter.Import(package.Folder, data, new ImportOptions(), _ => { }, default));
        Directory.Exists(data).ShouldBeFalse();

        Directory.CreateDirectory(data);
        Should.Throw<ModelPackageException>(() => ModelImporter.Import(package.Folder, data, new ImportOptions(), _ => { }, default));
        Directory.EnumerateFileSystemEntries(data).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("vocab.txt")]
    public void A_text_file_of_a_size_that_none_has_is_refused(string file)
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "tiny"));
        using (var huge = File.Create(Path.Combine(package.Folder, file)))
        {
            huge.SetLength(PackageFiles.MaxTextBytes + 1);
        }

        var refusal = Should.Throw<ModelPackageException>(() => Import(package.Folder, new ImportOptions())).Message;
        refusal.ShouldContain(file);
        refusal.ShouldContain("larger than 64 MB");
        Directory.Exists(Models).ShouldBeFalse();
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_unless_forced()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "tiny"));
        Import(package.Folder, new ImportOptions());
        Should.Throw<ModelPackageException>(() => Import(package.Folder, new ImportOptions())).Message.ShouldContain("--force");
        package.Write("splade.json", """{"max_tokens": 9}""");
        Import(package.Folder, new ImportOptions(Force: true)).Model.MaxTokens.ShouldBe(9);
        Directory.EnumerateFileSystemEntries(Models).Select(Path.GetFileName).ShouldBe(["tiny"]);
    }

    [Fact]
    public void A_failed_replacement_leaves_the_model_that_was_there()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "tiny"));
        Import(package.Folder, new ImportOptions());
        package.Write("vocab.txt", "nothing");
        Should.Throw<ModelPackageException>(() => Import(package.Folder, new ImportOptions(Force: true)));
        using var registry = new ModelRegistry(_folder.Path);
        registry.Get("tiny").Description.VocabularySize.ShouldBe(10);
        Directory.EnumerateFileSystemEntries(Models).Select(Path.GetFileName).ShouldBe(["tiny"]);
    }

    [Theory]
    [InlineData("../up")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("naïve")]
    public void Names_that_are_no_folder_names_are_refused(string name)
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "tiny"));
        Should.Throw<ModelPackageException>(() => Import(package.Folder, new ImportOptions(name))).Message.ShouldContain("--name");
        Directory.Exists(Models).ShouldBeFalse();
    }

    [Fact]
    public void The_cache_of_a_hub_client_gives_the_name()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "models--owner--tiny-model/snapshots/0123abcd"));
        Import(package.Folder, new ImportOptions()).Model.Name.ShouldBe("tiny-model");
    }

    [Fact]
    public void A_cancelled_import_leaves_nothing()
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "tiny"));
        Should.Throw<OperationCanceledException>(() =>
            ModelImporter.Import(package.Folder, _folder.Path, new ImportOptions(), _ => { }, new CancellationToken(canceled: true)));
        Directory.Exists(Models).ShouldBeFalse();
    }

    [SkippableFact]
    public void Refused_packages_leave_nothing_behind()
    {
        var broken = SharedData.Require("golden/models/broken");
        foreach (var folder in Directory.EnumerateDirectories(broken).Where(f => Path.GetFileName(f) != "control"))
        {
            Should.Throw<ModelPackageException>(() => Import(folder, new ImportOptions()), folder);
            Directory.Exists(Models).ShouldBeFalse(folder);
        }
    }

    [SkippableTheory]
    [InlineData("bert-max")]
    [InlineData("distilbert-f16")]
    [InlineData("router-static")]
    [InlineData("router-opensearch")]
    [InlineData("opensearch-doc")]
    [InlineData("two-encoders")]
    [InlineData("onnx/raw")]
    [InlineData("onnx/gemm")]
    [InlineData("onnx/external")]
    [InlineData("onnx/anserini")]
    public void Imported_packages_equal_the_reference(string name)
    {
        var golden = GoldenFolder.Require(name);
        Import(golden.Path, new ImportOptions("model"));
        using var registry = new ModelRegistry(_folder.Path);
        var encoder = registry.Get("model");
        foreach (var text in golden.Texts)
        {
            var document = encoder.EncodeDocuments([text.Text], default)[0];
            text.Vector.ShouldEqual(document.Indices, document.Weights, 1e-4f, false, text.Id);
            var query = encoder.EncodeQuery(text.Text, default);
            (text.Query ?? text.Vector).ShouldEqual(query.Indices, query.Weights, 1e-4f, false, text.Id);
        }
    }

    [SkippableFact]
    public void A_dense_package_imports_as_text_embedding()
    {
        var report = Import(SharedData.Require("models/all-minilm-l6-v2"), new ImportOptions(Int8: true));
        report.Model.Task.ShouldBe(ModelTask.TextEmbedding);
        report.Dimensions.ShouldBe(384);
        report.Loss!.LowestCosine.ShouldBeInRange(0.95, 0.99999);
        report.Bytes.ShouldBeLessThan(30_000_000);
        using var registry = new ModelRegistry(_folder.Path);
        registry.TaskOf(report.Model.Name).ShouldBe(ModelTask.TextEmbedding);
        registry.GetDense(report.Model.Name).Dimensions.ShouldBe(384);
        Should.Throw<ModelPackageException>(() => registry.Get(report.Model.Name)).Message.ShouldContain("dense");
    }

    private ImportReport Import(string folder, ImportOptions options) => ModelImporter.Import(folder, _folder.Path, options, _ => { }, default);
}
