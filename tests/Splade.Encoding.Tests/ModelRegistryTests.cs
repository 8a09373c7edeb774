using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_is_loaded_once_whoever_asks()
    {
        Write("tiny");
        using var registry = new ModelRegistry(_folder.Path);
        var encoders = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => registry.Get("tiny"))));
        encoders.ShouldAllBe(e => ReferenceEquals(e, encoders[0]));
    }

    [Fact]
    public void A_users_package_shadows_the_shipped_one_of_the_same_name()
    {
        var name = $"shadow-{Guid.NewGuid():N}";
        var shipped = Path.Combine(AppContext.BaseDirectory, "models", name);
        try
        {
            _ = new TinyPackage(shipped);
            using (var registry = new ModelRegistry(_folder.Path))
            {
                registry.List().ShouldContain(name);
                registry.Get(name).Description.MaxTokens.ShouldBe(128);
            }

            Write(name).Write("splade.json", """{"max_tokens": 9}""");
            using (var registry = new ModelRegistry(_folder.Path))
            {
                registry.List().Count(n => n == name).ShouldBe(1);
                registry.Get(name).Description.MaxTokens.ShouldBe(9);
            }
        }
        finally
        {
            Directory.Delete(shipped, recursive: true);
        }
    }

    [Fact]
    public void The_fingerprint_tells_packages_apart_and_not_where_they_lie()
    {
        Write("one");
        Write("same");
        Write("other").Write("splade.json", """{"description": "another"}""");
        using var registry = new ModelRegistry(_folder.Path);
        string Fingerprint(string name) => registry.Get(name).Description.Fingerprint;
        Fingerprint("same").ShouldBe(Fingerprint("one"));
        Fingerprint("other").ShouldNotBe(Fingerprint("one"));
    }

    [Fact]
    public void The_vector_space_is_that_of_weights_vocabulary_and_settings_of_documents()
    {
        var package = Write("one");
        var settings = Write("settings");
        settings.Write("splade.json", """{"max_tokens": 9, "query": {"prune_type": "top_k", "prune_ratio": 3}, "document": {"expansion_weight": 1}}""");
        settings.Write("config_sentence_transformers.json", """{"prompts": {"query": "query: "}, "similarity_fn_name": "dot"}""");
        settings.Write("README.md", "another card");
        _ = new TinyPackage(Path.Combine(_folder.Path, "models", "weights"), table: [.. package.Table.Select(w => w / 2)]);
        Write("vocabulary").Write("vocab.txt", string.Join('\n', TinyPackage.Vocabulary.Select(p => p == "cat" ? "cow" : p)) + "\n");
        using var registry = new ModelRegistry(_folder.Path);
        string Space(string name) => ModelFingerprint.VectorSpaceOf(registry.Get(name).Description.Fingerprint);
        Space("settings").ShouldBe(Space("one"));
        Space("weights").ShouldNotBe(Space("one"));
        Space("vocabulary").ShouldNotBe(Space("one"));

        string[] changes =
        [
            """config_sentence_transformers.json {"similarity_fn_name": "cosine"}""",
            """config_sentence_transformers.json {"prompts": {"document": "passage: "}}""",
            """config_sentence_transformers.json {"prompts": {"document": "text: "}}""",
            """splade.json {"document": {"prune_type": "max_ratio", "prune_ratio": 0.1}}""",
            """splade.json {"document": {"prune_type": "max_ratio", "prune_ratio": 0.2}}""",
            """splade.json {"document": {"expansion_weight": 0.5}}""",
            """splade.json {"max_active_dims": 3}""",
            """splade.json {"zero_special_tokens": true}""",
            """sentence_bert_config.json {"do_lower_case": true}""",
        ];
        var spaces = new HashSet<string> { Space("one") };
        for (var i = 0; i < changes.Length; i++)
        {
            var blank = changes[i].IndexOf(' ', StringComparison.Ordinal);
            Write($"change-{i}").Write(changes[i][..blank], changes[i][(blank + 1)..]);
            spaces.Add(Space($"change-{i}")).ShouldBeTrue(changes[i]);
        }
    }

    [Fact]
    public void A_replaced_package_is_loaded_anew_while_its_users_finish_with_the_old_one()
    {
        var package = Write("tiny");
        using var registry = new ModelRegistry(_folder.Path);
        using var old = registry.Use("tiny");
        registry.Refresh();
        using (var same = registry.Use("tiny"))
        {
            same.Encoder.ShouldBeSameAs(old.Encoder);
        }

        var before = old.Encoder.EncodeDocuments(["cat"], default)[0].Weights.ToArray();
        Directory.Delete(package.Folder, recursive: true);
        _ = new TinyPackage(package.Folder, table: [.. package.Table.Select(w => w / 2)]);
        registry.Refresh();
        using var replaced = registry.Use("tiny");
        replaced.Encoder.EncodeDocuments(["cat"], default)[0].Weights.ToArray().ShouldNotBe(before);
        old.Encoder.EncodeDocuments(["cat"], default)[0].Weights.ToArray().ShouldBe(before);

        Directory.Delete(package.Folder, recursive: true);
        registry.Refresh();
        Should.Throw<ModelNotFoundException>(() => registry.Use("tiny"));
        old.Encoder.EncodeDocuments(["cat"], default)[0].Weights.ToArray().ShouldBe(before);
    }

    [Fact]
    public void What_the_registry_let_go_of_is_disposed_with_its_last_use_and_not_before()
    {
        var disposed = 0;
        var model = new LoadedModel<Disposable>(new Disposable(() => disposed++), "stamp");
        model.TryAcquire().ShouldBeTrue();
        model.Release();
        disposed.ShouldBe(0);
        model.Release();
        disposed.ShouldBe(1);
        model.TryAcquire().ShouldBeFalse();
    }

    [Fact]
    public void A_package_that_was_mended_loads_without_a_restart()
    {
        var package = Write("tiny");
        package.Write("config.json", "{");
        using var registry = new ModelRegistry(_folder.Path);
        Should.Throw<ModelPackageException>(() => registry.Get("tiny"));
        package.Write("config.json", "{}");
        registry.Get("tiny").Description.Name.ShouldBe("tiny");
    }

    [Theory]
    [InlineData("..")]
    [InlineData(":")]
    [InlineData("../models/tiny")]
    [InlineData("a\\b")]
    [InlineData("/etc")]
    [InlineData("nul\0")]
    public void Names_that_are_paths_are_no_models(string name)
    {
        Write("tiny");
        using var registry = new ModelRegistry(_folder.Path);
        Should.Throw<ModelNotFoundException>(() => registry.Get(name)).Message.ShouldContain("Models here: [");
    }

    [Fact]
    public void Cuda_on_demand_is_an_error_in_a_build_without_it_and_auto_is_the_cpu()
    {
        Write("tiny");
        using var demanding = new ModelRegistry(_folder.Path, new EncoderOptions { Provider = ExecutionProvider.Cuda });
        Should.Throw<OnnxRuntimeUnavailableException>(() => demanding.Get("tiny")).Message.ShouldContain("OnnxRuntime=Gpu");
        using var registry = new ModelRegistry(_folder.Path, new EncoderOptions { Provider = ExecutionProvider.Auto });
        registry.Get("tiny").Description.Provider.ShouldBe("CPU");
    }

    [Fact]
    public void A_strict_device_is_never_the_cpu_unless_the_cpu_is_asked_for()
    {
        Write("tiny");
        var strict = new EncoderOptions { StrictDevice = true };
        Should.Throw<OnnxRuntimeUnavailableException>(strict.CheckDevice);
        using var automatic = new ModelRegistry(_folder.Path, strict);
        var refused = Should.Throw<OnnxRuntimeUnavailableException>(() => automatic.Get("tiny")).Message;
        refused.ShouldContain("OnnxRuntime=Gpu");
        refused.ShouldContain("without --device-strict");

        var cpu = strict with { Provider = ExecutionProvider.Cpu };
        cpu.CheckDevice();
        using var asked = new ModelRegistry(_folder.Path, cpu);
        asked.Get("tiny").Description.Provider.ShouldBe("CPU");
    }

    [Fact]
    public void A_name_that_is_empty_is_no_model_and_no_folder()
    {
        using var registry = new ModelRegistry(_folder.Path);
        Should.Throw<ModelNotFoundException>(() => registry.Find("")).Message.ShouldContain("There is no model []");
    }

    [Theory]
    [InlineData("[ErrorCode:Fail] /src/provider_bridge_ort.cc:2043 onnxruntime::Provider& Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library x.so with error: libcudart.so.13 : not there\n",
        "Failed to load library x.so with error: libcudart.so.13 : not there.")]
    [InlineData("Unable to find an entry point.", "Unable to find an entry point.")]
    public void What_the_runtime_says_is_told_without_its_place_in_the_source(string message, string told) =>
        SessionFactory.Reason(message).ShouldBe(told);

    [Fact]
    public void Features_are_unique_and_never_empty()
    {
        Write("tiny");
        using var registry = new ModelRegistry(_folder.Path);
        var features = Enumerable.Range(0, 64).Select(registry.Get("tiny").GetFeature).ToArray();
        features.ShouldBeUnique();
        features.ShouldAllBe(f => f.Length > 0);
        features[5].ShouldBe("cat");
    }

    [Fact]
    public void Options_out_of_range_are_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new EncoderOptions { BatchTokens = -1 }.Validate()).Message.ShouldContain("BatchTokens");

    private sealed class Disposable(Action onDispose) : IDisposable
    {
        public void Dispose() => onDispose();
    }

    private TinyPackage Write(string name) => new(Path.Combine(_folder.Path, "models", name));
}
