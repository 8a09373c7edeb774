using Splade.Cli.Import;
using Splade.Cli.Tests.Process;
using Splade.Tests;

namespace Splade.Cli.Tests.Import;

/// <summary>Files as people have them, through a real node.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bad_lines_and_refused_actions_are_counted_with_their_place_and_harm_no_other()
    {
        await using var node = await SpladeProcess.ServeAsync(Path.Combine(_folder.Path, "data"));
        var documents = Write("""
            {"_id":"1","text":"a good one"}
            {bad json
            {"_id":"2","text":"another","n":5}
            {"_id":"3","text":"wrong type","n":"five"}
            """);
        var (code, output, errors) = await SpladeProcess.RunAsync("import", documents, "--index", "docs", "--url", node.Url);
        code.ShouldBe(1);
        output.ShouldContain("2 documents loaded, 0 skipped, 2 failed");
        errors.ShouldContain("first: line 2");
        errors.ShouldContain("first: id 3");

        // One action that the node can't read would refuse its whole request.
        var actions = Write("""
            {"index":{"_id":"1"}}
            {"text":"one"}
            {"index":{"_id":"2","routing":"x"}}
            {"text":"two"}
            {"index":{"_id":"3"}}
            {"text":"three"}
            {"index":{"_id":"4"}}
            """);
        (code, output, errors) = await SpladeProcess.RunAsync("import", actions, "--index", "actions", "--url", node.Url);
        code.ShouldBe(1);
        output.ShouldContain("2 documents loaded, 0 skipped, 2 failed");
        errors.ShouldContain("routing");
        errors.ShouldContain("no source line");
        ((long)(await node.SendAsync(HttpMethod.Get, "/actions/_count")).Body!["count"]!).ShouldBe(2);
    }

    [Fact]
    public async Task Actions_about_one_document_keep_their_order_however_small_the_requests()
    {
        await using var node = await SpladeProcess.ServeAsync(Path.Combine(_folder.Path, "data"));
        var padding = new string('x', 600);
        var file = Write(string.Join('\n', Enumerable.Range(1, 60).SelectMany(i => new[]
        {
            """{"index":{"_id":"same"}}""", $$"""{"n":{{i}},"p":"{{padding}}"}""", """{"delete":{"_id":"gone"}}""", """{"index":{"_id":"gone"}}""", "{}",
        }).Append("""{"delete":{"_id":"gone"}}""")));
        var (code, _, errors) = await SpladeProcess.RunAsync("import", file, "--index", "order", "--batch-bytes", "1024", "--parallel", "8", "--url", node.Url);
        code.ShouldBe(0, errors);
        ((int)(await node.SendAsync(HttpMethod.Get, "/order/_doc/same")).Body!["_source"]!["n"]!).ShouldBe(60);
        ((bool)(await node.SendAsync(HttpMethod.Get, "/order/_doc/gone")).Body!["found"]!).ShouldBeFalse();
    }

    [Fact]
    public void Documents_and_actions_are_told_apart_by_the_first_line()
    {
        DocumentFile.IsBulk(Write("\n{\"index\":{}}\n{}")).ShouldBeTrue();
        DocumentFile.IsBulk(Write("{\"_id\":\"1\",\"text\":\"x\"}")).ShouldBeFalse();
        DocumentFile.IsBulk(Write("")).ShouldBeFalse();
    }

    private string Write(string content)
    {
        var path = Path.Combine(_folder.Path, Guid.NewGuid().ToString("N") + ".jsonl");
        File.WriteAllText(path, content);
        return path;
    }
}
