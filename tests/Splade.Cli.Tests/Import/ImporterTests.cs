using System.Text.Json.Nodes;
using Splade.Cli.Client;
using Splade.Cli.Import;
using Splade.Tests;

namespace Splade.Cli.Tests.Import;

/// <summary>What an import does when a node can't take its documents at the moment.</summary>
public sealed class ImporterTests : IAsyncLifetime
{
    private const string Refreshed = """{"_shards":{"total":1,"successful":1,"failed":0}}""";
    private const string NotRefreshed = """{"_shards":{"total":1,"successful":0,"failed":1}}""";
    private readonly TemporaryFolder _folder = new();
    private readonly ImmediateTime _time = new();
    private FakeNode _node = null!;

    public async Task InitializeAsync()
    {
        _node = await FakeNode.StartAsync();
        _node.Answer("/docs", 200, "{}");
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Refused_requests_and_documents_are_sent_again_and_only_those()
    {
        _node.Answer("/docs/_bulk", 429, """{"error":{"type":"es_rejected_execution_exception","reason":"full"},"status":429}""");
        _node.Answer("/docs/_bulk", 200, Items((1, 201), (2, 429), (3, 503), (4, 504), (5, 400)));
        _node.Answer("/docs/_bulk", 200, Items((2, 201), (3, 200), (4, 201)));
        _node.Answer("/docs/_refresh", 200, NotRefreshed);
        _node.Answer("/docs/_refresh", 200, Refreshed);
        var summary = await ImportAsync(5, new ImportSettings());
        (summary.Succeeded, summary.Failed).ShouldBe((4, 1));
        summary.Reasons.ShouldHaveSingleItem().ShouldBe(new("busy: status 400", (1, "id 5")));
        var bulks = _node.Requests.Where(r => r.Path == "/docs/_bulk").Select(r => r.Body).ToArray();
        bulks.Length.ShouldBe(3);
        bulks[1].ShouldBe(bulks[0]);
        bulks[2].Split('\n', StringSplitOptions.RemoveEmptyEntries).Where((_, i) => i % 2 == 0)
            .ShouldBe(["""{"index":{"_id":"2"}}""", """{"index":{"_id":"3"}}""", """{"index":{"_id":"4"}}"""]);
    }

    [Fact]
    public async Task After_the_last_retry_a_document_has_failed_with_its_reason()
    {
        _node.Answer("/docs/_bulk", 200, Items((1, 201), (2, 503)));
        _node.Answer("/docs/_bulk", 200, Items((2, 503)));
        _node.Answer("/docs/_refresh", 200, Refreshed);
        var summary = await ImportAsync(2, new ImportSettings { Retries = 1 });
        (summary.Succeeded, summary.Failed).ShouldBe((1, 1));
        summary.Reasons.ShouldHaveSingleItem().ShouldBe(new("busy: status 503", (1, "id 2")));
        _node.Requests.Count(r => r.Path == "/docs/_bulk").ShouldBe(3);
    }

    [Fact]
    public async Task A_slow_node_is_not_given_up_as_long_as_it_takes_some_documents()
    {
        _node.Answer("/docs/_bulk", 200, Items((1, 201), (2, 504), (3, 504), (4, 504)));
        _node.Answer("/docs/_bulk", 200, Items((2, 201), (3, 504), (4, 504)));
        _node.Answer("/docs/_bulk", 200, Items((3, 201), (4, 504)));
        _node.Answer("/docs/_bulk", 200, Items((4, 201)));
        _node.Answer("/docs/_refresh", 200, Refreshed);
        var summary = await ImportAsync(4, new ImportSettings { Retries = 1 });
        (summary.Succeeded, summary.Failed).ShouldBe((4, 0));
    }

    [Fact]
    public async Task A_slow_node_gets_requests_that_it_can_answer_and_all_documents_once()
    {
        // Ten seconds for a document; the node stops at the deadline that the request gives it and says so document by document.
        var perDocument = TimeSpan.FromSeconds(10);
        var written = new List<string>();
        var sizes = new List<int>();
        var troubles = new List<string?>();
        _node.Answer("/docs/_refresh", 200, Refreshed);
        _node.Handler = (path, query, body) =>
        {
            if (path != "/docs/_bulk")
            {
                return Task.FromResult<(int, string)?>(null);
            }

            query.ShouldBe("?timeout=60000ms");
            var ids = body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where((_, i) => i % 2 == 0).Select(l => (string)JsonNode.Parse(l)!["index"]!["_id"]!).ToArray();
            sizes.Add(ids.Length);
            var done = Math.Min(ids.Length, 6);
            _time.Advance(perDocument * done);
            written.AddRange(ids[..done]);
            return Task.FromResult<(int, string)?>((200, Items([.. ids.Select((id, i) => (int.Parse(id, null), i < done ? 201 : 504))])));
        };
        var summary = await ImportAsync(300, new ImportSettings { Parallel = 1, Retries = 2 }, report: p => troubles.Add(p.Trouble), padding: new string('x', 2000));
        (summary.Succeeded, summary.Failed).ShouldBe((300, 0));
        written.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(1, 300).Select(i => $"{i}").Order(StringComparer.Ordinal));
        sizes[0].ShouldBeGreaterThan(6);
        sizes.Skip(10).ShouldAllBe(s => s == 1);
        troubles.ShouldContain("status 504");
        troubles[^1].ShouldBeNull();
    }

    [Fact]
    public async Task A_request_without_an_answer_is_sent_again_and_a_document_without_an_id_keeps_the_one_it_got()
    {
        var bodies = new List<string>();
        _node.Answer("/docs/_refresh", 200, Refreshed);
        _node.Handler = (path, _, body) =>
        {
            if (path != "/docs/_bulk")
            {
                return Task.FromResult<(int, string)?>(null);
            }

            bodies.Add(body);
            return Task.FromResult<(int, string)?>(bodies.Count == 1 ? (0, "") : (200, Items((1, 201))));
        };
        var file = Path.Combine(_folder.Path, "corpus.jsonl");
        await File.WriteAllTextAsync(file, """{"text":"no id"}""");
        using var client = new SpladeClient(new Uri(_node.Url), null);
        (await new Importer(client, "docs", new ImportSettings(), _time, _ => { }).RunAsync(file, default)).Succeeded.ShouldBe(1);
        bodies.Count.ShouldBe(2);
        bodies[1].ShouldBe(bodies[0]);
        bodies[0].ShouldContain("\"_id\":\"");
    }

    [Fact]
    public async Task A_request_that_takes_longer_than_its_timeout_is_an_error_that_says_so()
    {
        var stuck = new TaskCompletionSource<(int, string)?>();
        _node.Handler = (_, _, _) => stuck.Task;
        using var client = new SpladeClient(new Uri(_node.Url), null, TimeSpan.FromMilliseconds(50));
        (await Should.ThrowAsync<NoAnswerException>(() => client.GetAsync("/docs", default))).Message.ShouldContain("gave no answer in");
        stuck.SetResult((200, "{}"));
    }

    [Fact]
    public async Task A_node_that_goes_and_comes_back_interrupts_nothing()
    {
        _node.Answer("/docs/_bulk", 0, "");
        _node.Answer("/docs/_bulk", 200, Items((1, 200), (2, 201)));
        _node.Answer("/docs/_refresh", 200, Refreshed);
        var summary = await ImportAsync(2, new ImportSettings { Retries = 1 });
        (summary.Succeeded, summary.Failed).ShouldBe((2, 0));
    }

    [Fact]
    public async Task A_node_that_stays_away_ends_the_import_which_says_how_far_it_came()
    {
        _node.Answer("/docs/_bulk", 200, Items((1, 201), (2, 503)));
        _node.Answer("/docs/_bulk", 0, "");
        (await Should.ThrowAsync<CliException>(() => ImportAsync(2, new ImportSettings { Retries = 1 }))).Message
            .ShouldStartWith("The import stopped after 1 documents; start it again with --resume. No node answers at http://127.0.0.1:");
    }

    [Fact]
    public async Task Actions_that_may_not_be_done_twice_are_not_sent_again_when_it_is_not_known_whether_they_came()
    {
        _node.Answer("/docs/_bulk", 0, "");
        await Should.ThrowAsync<CliException>(() => ImportActionsAsync(
            """{"index":{"_id":"1"}}""", """{"text":"a"}""", """{"update":{"_id":"2"}}""", """{"doc":{"text":"b"}}"""));
        _node.Requests.Count(r => r.Path == "/docs/_bulk").ShouldBe(1);
    }

    [Fact]
    public async Task A_create_whose_answer_was_lost_is_not_a_conflict_with_itself_but_one_with_another_document_is()
    {
        _node.Answer("/docs/_bulk", 0, "");
        _node.Answer("/docs/_bulk", 200, Items((1, 409), (2, 409), (3, 201)));
        _node.Handler = (path, _, body) => Task.FromResult<(int, string)?>(path != "/docs/_mget" ? null : body.Contains("\"1\"", StringComparison.Ordinal)
            ? (200, """{"docs":[{"_id":"1","found":true,"_source":{"text": "a"}}]}""")
            : (200, """{"docs":[{"_id":"2","found":true,"_source":{"text":"of somebody else"}}]}"""));
        _node.Answer("/docs/_refresh", 200, Refreshed);
        var summary = await ImportActionsAsync(
            """{"create":{"_id":"1"}}""", """{"text":"a"}""", """{"create":{"_id":"2"}}""", """{"text":"b"}""", """{"create":{"_id":"3"}}""", """{"text":"c"}""");
        (summary.Succeeded, summary.Failed).ShouldBe((2, 1));
        summary.Reasons.ShouldHaveSingleItem().Value.First.ShouldBe("id 2");
    }

    [Fact]
    public async Task Actions_behind_a_refused_one_wait_for_it_also_when_the_request_was_cut_in_halves()
    {
        // Only one action at a time may be read; the first of document 1 is refused once.
        var (done, refused) = (new List<string>(), false);
        _node.Answer("/docs/_refresh", 200, Refreshed);
        _node.Handler = (path, _, body) =>
        {
            if (path != "/docs/_bulk")
            {
                return Task.FromResult<(int, string)?>(null);
            }

            var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length > 2)
            {
                return Task.FromResult<(int, string)?>((400, """{"error":{"type":"illegal_argument_exception","reason":"unreadable"},"status":400}"""));
            }

            if (!refused)
            {
                refused = true;
                return Task.FromResult<(int, string)?>((200, Items((1, 503))));
            }

            done.Add(lines[0]);
            return Task.FromResult<(int, string)?>((200, Items((1, 200))));
        };
        var summary = await ImportActionsAsync("""{"index":{"_id":"1"}}""", """{"text":"old"}""", """{"delete":{"_id":"1"}}""");
        (summary.Succeeded, summary.Failed).ShouldBe((2, 0));
        done.ShouldBe(["""{"index":{"_id":"1"}}""", """{"delete":{"_id":"1"}}"""]);
    }

    [Fact]
    public async Task A_failed_refresh_is_an_error_that_says_what_is_written()
    {
        _node.Answer("/docs/_bulk", 200, Items((1, 201)));
        _node.Answer("/docs/_refresh", 200, NotRefreshed);
        (await Should.ThrowAsync<CliException>(() => ImportAsync(1, new ImportSettings { Retries = 0 }))).Message.ShouldContain("written, but not all of them are searchable");
    }

    [Fact]
    public async Task Scores_are_read_as_doubles_and_ranked_as_trec_eval_does()
    {
        var beir = Path.Combine(_folder.Path, "beir");
        Directory.CreateDirectory(Path.Combine(beir, "qrels"));
        await File.WriteAllTextAsync(Path.Combine(beir, "corpus.jsonl"), "");
        await File.WriteAllTextAsync(Path.Combine(beir, "queries.jsonl"), """{"_id":"q","text":"any"}""");
        await File.WriteAllTextAsync(Path.Combine(beir, "qrels", "test.tsv"), "query-id\tcorpus-id\tscore\nq\tz\t1\n");

        // As a double the first score lies exactly between two floats and goes to the even one, 1; read as a float at once it would be 1.0000001.
        _node.Answer("/docs/_search", 200, """
            {"timed_out":false,"_shards":{"failed":0},"hits":{"hits":[{"_id":"a","_score":1.00000005960464478},{"_id":"z","_score":1.0}]}}
            """);
        var run = Path.Combine(_folder.Path, "a.run");
        var (code, output, errors) = await Process.SpladeProcess.RunAsync("eval", beir, "--index", "docs", "--url", _node.Url, "--run", run, "--json");
        code.ShouldBe(0, errors);
        ((double)System.Text.Json.Nodes.JsonNode.Parse(output)!["mrr@10"]!).ShouldBe(1);
        (await File.ReadAllLinesAsync(run)).ShouldBe(["q Q0 a 1 1.0000000596046448 splade", "q Q0 z 2 1 splade"]);
    }

    private static string Items(params (int Id, int Status)[] items) => $$"""{"errors":true,"items":[{{string.Join(',', items.Select(Item))}}]}""";

    private static string Item((int Id, int Status) item)
    {
        var error = item.Status < 300 ? "" : $$""","error":{"type":"busy","reason":"status {{item.Status}}"}""";
        return $$$"""{"index":{"_id":"{{{item.Id}}}","status":{{{item.Status}}}{{{error}}}}}""";
    }

    private async Task<ImportSummary> ImportActionsAsync(params string[] lines)
    {
        var file = Path.Combine(_folder.Path, "docs.ndjson");
        await File.WriteAllLinesAsync(file, lines);
        using var client = new SpladeClient(new Uri(_node.Url), null);
        return await new Importer(client, "docs", new ImportSettings(), _time, _ => { }).RunAsync(file, default);
    }

    private async Task<ImportSummary> ImportAsync(int documents, ImportSettings settings, Action<ImportProgress>? report = null, string padding = "")
    {
        var file = Path.Combine(_folder.Path, "corpus.jsonl");
        await File.WriteAllLinesAsync(file, Enumerable.Range(1, documents).Select(i => $$"""{"_id":"{{i}}","text":"text {{i}}{{padding}}"}"""));
        using var client = new SpladeClient(new Uri(_node.Url), null);
        return await new Importer(client, "docs", settings, _time, report ?? (_ => { })).RunAsync(file, default);
    }
}
