using Splade.Cli.Client;
using Splade.Cli.Tests.Import;
using Splade.Cli.Tests.Process;
using Splade.Tests;

namespace Splade.Cli.Tests.Client;

/// <summary>A node that says that a model is still being loaded: that passes by waiting, and who waits is told so.</summary>
public sealed class WaitingTests : IAsyncLifetime
{
    private const string Reason = "The model [large] is still being loaded by an encoder: try again in a moment.";
    private const string Loading = $$"""{"error":{"type":"timeout_exception","reason":"{{Reason}}"},"status":504}""";
    private const string Found = """{"timed_out":false,"_shards":{"failed":0},"hits":{"hits":[{"_id":"a","_score":1}]}}""";
    private readonly TemporaryFolder _folder = new();
    private readonly ImmediateTime _time = new();
    private readonly List<string> _told = [];
    private FakeNode _node = null!;

    public async Task InitializeAsync() => _node = await FakeNode.StartAsync();

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_asked_again_and_said_once_and_the_time_of_an_answer_is_that_of_the_answer()
    {
        _node.Answer("/docs/_search", 504, Loading);
        _node.Answer("/docs/_search", 504, Loading);
        _node.Answer("/docs/_search", 200, Found);
        using var client = Connect();
        var (answer, took) = await client.SendTimedAsync(HttpMethod.Post, "/docs/_search", null, "application/json", default);
        ((string)answer["hits"]!["hits"]![0]!["_id"]!).ShouldBe("a");
        took.ShouldBe(TimeSpan.Zero);
        _time.GetElapsedTime(0).ShouldBe(TimeSpan.FromMilliseconds(600));
        _told.ShouldHaveSingleItem().ShouldBe($"waiting for the node: {Reason} (timeout_exception)");
    }

    [Fact]
    public async Task It_is_not_waited_for_for_ever()
    {
        _node.Answer("/docs/_search", 504, Loading);
        using var client = Connect();
        (await Should.ThrowAsync<NodeRefusedException>(() => client.PostAsync("/docs/_search", new System.Text.Json.Nodes.JsonObject(), default))).Message.ShouldStartWith(Reason);
        _time.GetElapsedTime(0).ShouldBeInRange(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5.3));
    }

    [Fact]
    public async Task An_import_waits_and_says_so()
    {
        _node.Answer("/docs", 404, """{"error":{"type":"index_not_found_exception","reason":"no such index [docs]"},"status":404}""");
        _node.Answer("/docs", 504, Loading);
        _node.Answer("/docs", 200, "{}");
        _node.Answer("/docs/_bulk", 200, """{"errors":false,"items":[{"index":{"_id":"1","status":201}}]}""");
        _node.Answer("/docs/_refresh", 200, """{"_shards":{"total":1,"successful":1,"failed":0}}""");
        var file = Path.Combine(_folder.Path, "corpus.jsonl");
        await File.WriteAllTextAsync(file, """{"_id":"1","text":"one"}""");
        var (code, output, errors) = await SpladeProcess.RunAsync("import", file, "--index", "docs", "--model", "large", "--url", _node.Url);
        code.ShouldBe(0, errors);
        output.ShouldContain("1 documents loaded");
        errors.ShouldContain($"splade: waiting for the node: {Reason}");
    }

    [Fact]
    public async Task A_measurement_waits_and_says_so()
    {
        _node.Answer("/docs/_search", 504, Loading);
        _node.Answer("/docs/_search", 200, Found);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "qrels"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "corpus.jsonl"), "");
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "queries.jsonl"), """{"_id":"q","text":"any"}""");
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "qrels", "test.tsv"), "query-id\tcorpus-id\tscore\nq\ta\t1\n");
        var (code, output, errors) = await SpladeProcess.RunAsync("eval", _folder.Path, "--index", "docs", "--url", _node.Url, "--json");
        code.ShouldBe(0, errors);
        ((double)System.Text.Json.Nodes.JsonNode.Parse(output)!["mrr@10"]!).ShouldBe(1);
        errors.ShouldContain($"splade: waiting for the node: {Reason}");
    }

    private SpladeClient Connect() => new(new Uri(_node.Url), null, onWait: _told.Add, time: _time);
}
