using Splade.Encoding;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

/// <summary><c>splade model import</c> as scripts use it, and the model in a node that runs.</summary>
public sealed class ModelImportCommandTests : IDisposable
{
    private static readonly string Source = Path.Combine(AppContext.BaseDirectory, "models", ModelRegistry.DefaultModel);
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_running_node_uses_a_model_that_was_imported_meanwhile()
    {
        await using var node = await SpladeProcess.ServeAsync(_data.Path);
        var (exit, output, errors) = await SpladeProcess.RunAsync("model", "import", Source, "--name", "mine", "--data", _data.Path);
        exit.ShouldBe(0, errors);
        output.ShouldContain("mine (sparse_embedding)");
        output.ShouldContain("queries from a table of weights");
        output.ShouldContain("terms a text on average");
        (await PutAsync(node, "/books", """{"mappings":{"properties":{"body":{"type":"semantic_text","inference_id":"mine"}}}}""")).ShouldContain("\"acknowledged\":true");
        await PutAsync(node, "/books/_doc/1?refresh=true", """{"body":"The heart pumps blood through the arteries"}""");
        await PutAsync(node, "/books/_doc/2?refresh=true", """{"body":"A central bank sets the interest rate"}""");
        using var content = new StringContent("""{"query":{"semantic":{"field":"body","query":"blood and heart"}}}""", System.Text.Encoding.UTF8, "application/json");
        using var found = await node.Http.PostAsync("/books/_search?filter_path=hits.hits._id", content);
        (await found.Content.ReadAsStringAsync()).ShouldContain("\"_id\":\"1\"");
    }

    [Fact]
    public async Task A_refusal_names_the_cause_and_leaves_nothing()
    {
        var broken = Path.Combine(_data.Path, "broken");
        Directory.CreateDirectory(broken);
        await File.WriteAllTextAsync(Path.Combine(broken, "config.json"), "{}");
        await File.WriteAllTextAsync(Path.Combine(broken, "pytorch_model.bin"), "not to be read");
        var (exit, output, errors) = await SpladeProcess.RunAsync("model", "import", broken, "--data", _data.Path);
        exit.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain("model.safetensors: The package has its weights only as pytorch_model.bin");
        Directory.EnumerateFileSystemEntries(_data.Path).ShouldBe([broken]);
    }

    private static async Task<string> PutAsync(SpladeProcess node, string path, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await node.Http.PutAsync(path, content);
        return await answer.Content.ReadAsStringAsync();
    }
}
