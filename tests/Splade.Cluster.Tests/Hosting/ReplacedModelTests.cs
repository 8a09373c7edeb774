using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding;
using Splade.Tests;

namespace Splade.Cluster.Tests.Hosting;

/// <summary>A model that is replaced, changed or removed while a node runs: noticed without a restart, and never mixed with what it was.</summary>
public sealed class ReplacedModelTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Vectors_of_another_model_under_the_same_name_are_refused_until_the_former_one_is_back()
    {
        var model = CopyDefaultModel();
        await using var node = await ClusterNode.StartAsync(
            new ClusterNodeOptions { NodeName = "test", Port = 0, DataFolder = _folder.Path }, TimeProvider.System, default);
        var cluster = node.Cluster!;
        var mapping = Mapping.Empty with { Fields = FieldMapping.EmptyFields.Add("text", new FieldMapping(FieldType.SemanticText) { InferenceId = "mine" }) };
        var (index, _) = await cluster.CreateIndexAsync(new CreateIndex(Guid.NewGuid(), "texts", 1, 0, null, mapping), Timeout, default);
        (await WriteAsync("1")).ShouldBeNull();
        (await SearchAsync("bread")).ShouldBeNull();

        // Settings may change.
        await File.AppendAllTextAsync(Path.Combine(model, "splade.json"), "\n");
        Notice();
        (await WriteAsync("2")).ShouldBeNull();
        (await SearchAsync("warm bread")).ShouldBeNull();

        var vocabulary = Path.Combine(model, "vocab.txt");
        var lines = await File.ReadAllLinesAsync(vocabulary);
        await File.WriteAllLinesAsync(vocabulary, [.. lines[..^2], lines[^1], lines[^2]]);
        Notice();
        ShouldBeOtherModel(await WriteAsync("3"));
        ShouldBeOtherModel(await SearchAsync("the baker sells"));
        (await cluster.GetAsync(index, ["3"], default))[0].ShouldBeNull();

        // A new index takes the new model.
        await cluster.CreateIndexAsync(new CreateIndex(Guid.NewGuid(), "others", 1, 0, null, mapping), Timeout, default);
        (await WriteAsync("1", "others")).ShouldBeNull();

        await File.WriteAllTextAsync(vocabulary, string.Join('\n', lines) + "\n");
        Notice();
        (await WriteAsync("3")).ShouldBeNull();
        (await SearchAsync("fresh bread")).ShouldBeNull();
        ShouldBeOtherModel(await WriteAsync("2", "others"));

        Directory.Delete(model, recursive: true);
        Notice();
        (await WriteAsync("4"))!.Status.ShouldBe(404);
        (await SearchAsync("no model for this"))!.Status.ShouldBe(404);

        // Looking at the models is what the node does each second.
        void Notice() => _ = node.Models;

        async Task<ErrorInfo?> WriteAsync(string id, string to = "texts") => (await cluster.WriteAsync(
            [new WriteOperation(WriteKind.Index, to, id, System.Text.Encoding.UTF8.GetBytes($"{{\"text\":\"The baker sells warm bread, number {id}.\"}}"))],
            RefreshPolicy.Immediate, Timeout, default))[0].Error;

        async Task<ErrorInfo?> SearchAsync(string text)
        {
            try
            {
                var current = cluster.Catalog.Indices.Single(i => i.Name == "texts");
                (await cluster.SearchAsync(new SearchRequest([current], new SemanticSearch("text", text), 0, 10), default)).Hits.ShouldNotBeEmpty();
                return null;
            }
            catch (SearchClusterException refusal)
            {
                return refusal.Error;
            }
        }
    }

    private static void ShouldBeOtherModel(ErrorInfo? error)
    {
        error.ShouldNotBeNull().Type.ShouldBe("model_mismatch_exception");
        error.Status.ShouldBe(409);
        error.Reason.ShouldContain("[mine]");
    }

    private string CopyDefaultModel()
    {
        var (from, to) = (Path.Combine(AppContext.BaseDirectory, "models", ModelRegistry.DefaultModel), Path.Combine(_folder.Path, "models", "mine"));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }
}
