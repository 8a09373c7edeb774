using Splade.Cli.Tests.Import;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

public sealed class ModelRemoveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_that_indices_use_is_removed_only_by_force_and_one_that_none_uses_at_once()
    {
        await using var node = await FakeNode.StartAsync();
        node.Answer("/_mapping", 200, """
            {"news":{"mappings":{"properties":{"body":{"type":"object","properties":{"text":{"type":"semantic_text","inference_id":"used"}}}}}},
             "other":{"mappings":{"properties":{"text":{"type":"semantic_text","inference_id":"splade-small-v1"}}}}}
            """);
        var (used, unused) = (Folder("used"), Folder("unused"));
        var (code, _, errors) = await RemoveAsync("used", "--url", node.Url);
        code.ShouldNotBe(0);
        errors.ShouldContain("used by the indices [news]");
        Directory.Exists(used).ShouldBeTrue();
        (await RemoveAsync("unused", "--url", node.Url)).Code.ShouldBe(0);
        (await RemoveAsync("used", "--url", node.Url, "--force")).Code.ShouldBe(0);
        Directory.Exists(used).ShouldBeFalse();
        Directory.Exists(unused).ShouldBeFalse();
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder.Path, "models", name)).FullName;

    private Task<(int Code, string Output, string Errors)> RemoveAsync(string name, params string[] options) =>
        SpladeProcess.RunAsync(["model", "remove", name, "--data", _folder.Path, .. options]);
}
