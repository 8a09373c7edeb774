using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

/// <summary>One node as a user runs it: starting, stopping, killing, and what it says when it can't start.</summary>
public sealed class SingleNodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_leaves_cleanly_and_finds_everything_again()
    {
        await using (var node = await SpladeProcess.ServeAsync(_folder.Path, "--demo"))
        {
            var (code, output, errors) = await SpladeProcess.RunAsync("search", "why is the sky blue", "--index", "demo", "--url", node.Url, "--json");
            code.ShouldBe(0, errors);
            ((string)JsonNode.Parse(output)!["hits"]!["hits"]![0]!["_id"]!).ShouldBe("en-sky");
            (await node.TerminateAsync()).ShouldBe(0, node.Errors);
        }

        await using (var node = await SpladeProcess.ServeAsync(_folder.Path))
        {
            var (status, body) = await node.SendAsync(HttpMethod.Post, "/demo/_search", """{"query":{"semantic":{"field":"semantic","query":"Himmel blau"}}}""");
            status.ShouldBe(HttpStatusCode.OK);
            ((string)body!["hits"]!["hits"]![0]!["_id"]!).ShouldBe("de-himmel");
            (await node.Http.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await node.TerminateAsync()).ShouldBe(0, node.Errors);
        }
    }

    [Fact]
    public async Task Kill_during_bulk_loads_loses_nothing_that_was_acknowledged()
    {
        var acknowledged = new ConcurrentDictionary<string, (int Value, bool Deleted)>();
        var attempted = new ConcurrentDictionary<string, ConcurrentBag<int>>();
        for (var round = 0; round < 3; round++)
        {
            await using var node = await SpladeProcess.ServeAsync(_folder.Path);
            if (round == 0)
            {
                (await node.SendAsync(HttpMethod.Put, "/load", """{"settings":{"number_of_shards":2},"mappings":{"properties":{"v":{"type":"sparse_vector"},"k":{"type":"keyword"},"n":{"type":"integer"}}}}"""))
                    .Status.ShouldBe(HttpStatusCode.OK);
            }
            else
            {
                await CheckAsync(node, acknowledged, attempted);
            }

            // Each writer owns its ids, so that the last acknowledgement of an id is its truth.
            var batches = 0;
            using var enough = new SemaphoreSlim(0);
            var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
            {
                var random = new Random((round * 10) + w);
                try
                {
                    while (true)
                    {
                        await WriteBatchAsync(node, w, random, acknowledged, attempted);
                        if (Interlocked.Increment(ref batches) == 60)
                        {
                            enough.Release();
                        }
                    }
                }
                catch (HttpRequestException)
                {
                    // Killed.
                }
            })).ToArray();
            (await enough.WaitAsync(TimeSpan.FromMinutes(6))).ShouldBeTrue(node.Errors);
            node.Kill();
            await node.ExitAsync();
            await Task.WhenAll(writers);
        }

        acknowledged.Count.ShouldBeGreaterThan(300);
        await using var last = await SpladeProcess.ServeAsync(_folder.Path);
        await CheckAsync(last, acknowledged, attempted);
    }

    [Fact]
    public async Task What_keeps_a_node_from_starting_is_one_clear_line()
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        string[][] attempts =
        [
            ["serve", "--http-port", port, "--akka-port", "0", "--data", _folder.Path],
            ["serve", "--http-port", "0", "--akka-port", port, "--data", _folder.Path],
            ["serve", "--http-port", "0", "--akka-port", "0", "--data", "/dev/null/x"],
            ["serve", "--http-port", "0", "--akka-port", "0", "--data", _folder.Path, "--journal", "Host=127.0.0.1;Port=1;Username=u;Database=d;Timeout=2"],
            ["serve", "--http-port", "0", "--akka-port", "0", "--data", _folder.Path, "--roles", "cook"],
            ["serve", "--http-port", "0", "--akka-port", "70000", "--data", _folder.Path],
            ["search", "x", "--index", "none", "--url", "http://127.0.0.1:1"],
        ];
        foreach (var attempt in attempts)
        {
            var (code, output, errors) = await SpladeProcess.RunAsync(attempt);
            code.ShouldNotBe(0);
            output.ShouldBeEmpty();
            errors.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith("splade: ");
            errors.ShouldNotContain("   at ");
        }
    }

    private static async Task WriteBatchAsync(
        SpladeProcess node, int writer, Random random, ConcurrentDictionary<string, (int, bool)> acknowledged, ConcurrentDictionary<string, ConcurrentBag<int>> attempted)
    {
        var lines = new List<string>();
        var sent = new List<(string Id, int Value, bool Delete)>();
        foreach (var i in Enumerable.Range(0, 20).Select(_ => random.Next(150)).Distinct())
        {
            var (id, value, delete) = ($"w{writer}-{i}", random.Next(), random.Next(5) == 0);
            sent.Add((id, value, delete));
            if (delete)
            {
                lines.Add($$$"""{"delete":{"_id":"{{{id}}}"}}""");
            }
            else
            {
                attempted.GetOrAdd(id, _ => []).Add(value);
                lines.Add($$$"""{"index":{"_id":"{{{id}}}"}}""");
                lines.Add($$$"""{"n":{{{value}}},"k":"{{{id}}}","v":{"all":1,"x":{{{1 + (value % 9)}}}}}""");
            }
        }

        var (status, body) = await node.SendAsync(
            HttpMethod.Post, "/load/_bulk", System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"), "application/x-ndjson");
        status.ShouldBe(HttpStatusCode.OK);
        var items = body!["items"]!.AsArray();
        for (var i = 0; i < sent.Count; i++)
        {
            if (items[i]!.AsObject().First().Value!["error"] is null)
            {
                acknowledged[sent[i].Id] = (sent[i].Value, sent[i].Delete);
            }
        }
    }

    /// <summary>
    /// Every acknowledged write is there, or a later one of the same id whose answer the kill swallowed; every deleted id is gone unless such a
    /// later write brought it back; a search finds each live document once.
    /// </summary>
    private static async Task CheckAsync(
        SpladeProcess node, ConcurrentDictionary<string, (int Value, bool Deleted)> acknowledged, ConcurrentDictionary<string, ConcurrentBag<int>> attempted)
    {
        (await node.SendAsync(HttpMethod.Post, "/load/_refresh", "")).Status.ShouldBe(HttpStatusCode.OK);
        var (_, found) = await node.SendAsync(HttpMethod.Post, "/load/_search", """{"size":10000,"query":{"match_all":{}}}""");
        var hits = found!["hits"]!["hits"]!.AsArray().ToLookup(h => (string)h!["_id"]!, h => (int)h!["_source"]!["n"]!);
        hits.ShouldAllBe(h => h.Count() == 1);
        var surprises = 0;
        foreach (var (id, (value, deleted)) in acknowledged)
        {
            int? live = hits.Contains(id) ? hits[id].Single() : null;
            if (live != (deleted ? null : value))
            {
                // Only what was in flight at the kill may differ: at most one batch of each writer.
                surprises++;
                (live is null || attempted[id].Contains(live.Value)).ShouldBeTrue($"{id} has {live}, which nobody wrote");
                acknowledged[id] = (live ?? 0, live is null);
            }

            var (_, got) = await node.SendAsync(HttpMethod.Get, $"/load/_doc/{id}");
            ((bool)got!["found"]!).ShouldBe(live is not null);
        }

        surprises.ShouldBeLessThanOrEqualTo(4 * 20);
    }
}
