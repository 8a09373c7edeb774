using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

/// <summary>Coordinator, index and encoder as three processes over one PostgreSQL and one segment folder.</summary>
public sealed class ThreeNodesTests : IDisposable
{
    private static readonly string[] Topics = ["cats", "tides", "bread", "volcano", "chess", "violin", "moon", "heart"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Three_processes_rank_as_one_does()
    {
        var server = Component.Require(Environment.GetEnvironmentVariable("SPLADE_TEST_POSTGRES"), "PostgreSQL, named by SPLADE_TEST_POSTGRES");
        var journal = await TestDatabase.CreateAsync(server);
        var collection = WriteCollection();
        string alone;
        await using (var node = await SpladeProcess.ServeAsync(Folder("alone")))
        {
            alone = await ImportAndEvaluateAsync(node, collection, "alone.run");
        }

        await using var coordinator = await SpladeProcess.ServeAsync(
            Folder("c"), "--roles", "coordinator", "--journal", journal, "--segments", Folder("segments"));
        string[] others = ["--journal", journal, "--segments", Folder("segments"), "--seed-nodes", coordinator.AkkaAddress];
        await using var index = await SpladeProcess.ServeAsync(Folder("i"), ["--roles", "index", .. others]);
        await using var encoder = await SpladeProcess.ServeAsync(Folder("e"), ["--roles", "encoder", .. others]);
        (await ImportAndEvaluateAsync(coordinator, collection, "three.run")).ShouldBe(alone);
        foreach (var node in (SpladeProcess[])[coordinator, index, encoder])
        {
            (await node.Http.GetAsync("/health/ready")).EnsureSuccessStatusCode();
            (await node.Http.GetStringAsync("/metrics")).ShouldContain("# TYPE");
        }

        // The index node goes and comes back: everything is in the journal and the segments.
        (await index.TerminateAsync()).ShouldBe(0, index.Errors);
        await using var again = await SpladeProcess.ServeAsync(Folder("i2"), ["--roles", "index", .. others]);
        (await EvaluateAsync(coordinator, collection, "again.run")).ShouldBe(alone);

        // The founder is killed and started as before, on the same ports: it joins what it founded, and writes work.
        coordinator.Kill();
        await coordinator.ExitAsync();
        await using var founder = await SpladeProcess.StartAsync(
        [
            "serve", "--http-port", "0", "--akka-port", new Uri(coordinator.AkkaAddress).Port.ToString(CultureInfo.InvariantCulture), "--data", Folder("c"),
            "--roles", "coordinator", "--journal", journal, "--segments", Folder("segments"),
        ]);
        var (status, body) = await PutAsync(founder);
        if (status == HttpStatusCode.ServiceUnavailable)
        {
            // Seen once: connections between a node that came back and another one stayed dead until both were removed and joined again. The node says so, and a client sends again.
            body!["error"]!["type"]!.GetValue<string>().ShouldBe("cluster_block_exception");
            await WaitForThreeAsync(founder);
            (status, body) = await PutAsync(founder);
        }

        ((HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.OK]).ShouldContain(
            status, $"{body}\nfounder: {founder.Errors}\nindex: {again.Errors}\nencoder: {encoder.Errors}");
        await WaitForThreeAsync(founder);
        (await founder.TerminateAsync()).ShouldBe(0, founder.Errors);
    }

    private static Task<(HttpStatusCode Status, JsonNode? Body)> PutAsync(SpladeProcess node) =>
        node.SendAsync(HttpMethod.Put, "/small/_doc/new?timeout=4m", """{"title":"written after the founder came back"}""");

    private static async Task WaitForThreeAsync(SpladeProcess node)
    {
        var (_, health) = await node.SendAsync(HttpMethod.Get, "/_cluster/health?wait_for_nodes=3&timeout=4m");
        ((int)health!["number_of_nodes"]!).ShouldBe(3);
    }

    private async Task<string> ImportAndEvaluateAsync(SpladeProcess node, string collection, string run)
    {
        var (code, output, errors) = await SpladeProcess.RunAsync("import", collection, "--index", "small", "--url", node.Url);
        code.ShouldBe(0, errors);
        output.ShouldContain("400 documents loaded");
        return await EvaluateAsync(node, collection, run);
    }

    private async Task<string> EvaluateAsync(SpladeProcess node, string collection, string run)
    {
        var path = Path.Combine(_folder.Path, run);
        var (code, output, errors) = await SpladeProcess.RunAsync(
            "eval", collection, "--index", "small", "--url", node.Url, "--run", path, "--json");
        code.ShouldBe(0, errors);
        ((double)JsonNode.Parse(output)!["ndcg@10"]!).ShouldBeGreaterThan(0.5);
        return await File.ReadAllTextAsync(path);
    }

    /// <summary>Documents with a topic each, several with equal scores; a query for each topic.</summary>
    private string WriteCollection()
    {
        var folder = Folder("collection");
        Directory.CreateDirectory(Path.Combine(folder, "qrels"));
        File.WriteAllLines(
            Path.Combine(folder, "corpus.jsonl"),
            Enumerable.Range(0, 400).Select(i => JsonSerializer.Serialize(new
            {
                _id = string.Create(CultureInfo.InvariantCulture, $"doc{i}"),
                title = Topics[i % Topics.Length],
                text = $"A text about {Topics[i % Topics.Length]} {(i % 3 == 0 ? "and " + Topics[(i + 1) % Topics.Length] : "")} with {i % 5} more words",
            })));
        File.WriteAllLines(
            Path.Combine(folder, "queries.jsonl"), Topics.Select(t => JsonSerializer.Serialize(new { _id = $"q-{t}", text = $"what about {t}" })));
        File.WriteAllLines(
            Path.Combine(folder, "qrels", "test.tsv"),
            ["query-id\tcorpus-id\tscore", .. Enumerable.Range(0, 400).Select(i => $"q-{Topics[i % Topics.Length]}\tdoc{i}\t1")]);
        return folder;
    }

    private string Folder(string name)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(path);
        return path;
    }
}
