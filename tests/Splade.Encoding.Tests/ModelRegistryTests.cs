using Splade.Encoding.Onnx;
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

    private TinyPackage Write(string name) => new(Path.Combine(_folder.Path, "models", name));
}
