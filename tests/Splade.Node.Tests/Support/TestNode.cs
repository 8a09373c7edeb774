using System.Text.Json.Nodes;
using Splade.Cluster.Hosting;

namespace Splade.Node.Tests.Support;

/// <summary>A node on a free port over an in-memory cluster, and a client that sends targets and headers exactly as given.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly HttpClient _client = new();

    private TestNode(SpladeNode node, InMemoryCluster cluster, InMemoryRuntime runtime) => (Node, Cluster, Runtime) = (node, cluster, runtime);

    public SpladeNode Node { get; }

    public InMemoryCluster Cluster { get; }

    public InMemoryRuntime Runtime { get; }

    public static SpladeNodeOptions Options { get; } = new()
    {
        HttpPort = 0, Cluster = new ClusterNodeOptions { NodeName = "node-1", DataFolder = "unused" },
    };

    public static async Task<TestNode> StartAsync(SpladeNodeOptions? options = null, bool coordinator = true)
    {
        var cluster = new InMemoryCluster();
        var runtime = new InMemoryRuntime(coordinator ? cluster : null);
        return new TestNode(await SpladeNode.StartAsync(options ?? Options, (_, _, _) => Task.FromResult<INodeRuntime>(runtime)), cluster, runtime);
    }

    /// <param name="startRuntime">As in <see cref="SpladeNode"/>.</param>
    public static async Task<TestNode> StartAsync(
        InMemoryCluster cluster, InMemoryRuntime runtime, Func<string, Action<string>, CancellationToken, Task<INodeRuntime>> startRuntime) =>
        new(await SpladeNode.StartAsync(Options, startRuntime), cluster, runtime);

    /// <param name="body">Text, or bytes.</param>
    /// <param name="type">Content type; JSON by default where there is a body.</param>
    public async Task<Answer> SendAsync(string method, string target, object? body = null, string? type = "application/json", params (string Name, string Value)[] headers)
    {
        var uri = new Uri(Node.HttpUrl + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body as byte[] ?? System.Text.Encoding.UTF8.GetBytes((string)body));
            if (type is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await _client.SendAsync(request);
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), all);
    }

    public Task<Answer> GetAsync(string target) => SendAsync("GET", target);

    public Task<Answer> PutAsync(string target, string? body = null) => SendAsync("PUT", target, body);

    public Task<Answer> PostAsync(string target, string? body = null) => SendAsync("POST", target, body);

    /// <summary>An index <c>books</c> with one field of each searchable kind and three documents.</summary>
    public async Task LoadBooksAsync()
    {
        (await PutAsync("/books", """
            {"settings":{"number_of_shards":2},"mappings":{"properties":{"title":{"type":"text"},"kind":{"type":"keyword"},"year":{"type":"integer"},
            "body":{"type":"semantic_text"},"vec":{"type":"sparse_vector"}}}}
            """)).Status.ShouldBe(200);
        var answer = await SendAsync("POST", "/books/_bulk?refresh=true", """
            {"index":{"_id":"1"}}
            {"title":"Cats","kind":"animal","year":2001,"body":"a cat and a dog","vec":{"cat":2.5,"5.0k":1}}
            {"index":{"_id":"2"}}
            {"title":"Dogs","kind":"animal","year":2002,"body":"dog dog dog","vec":{"dog":1.5}}
            {"index":{"_id":"3"}}
            {"title":"Ships","kind":"thing","year":2003,"body":"a ship at sea","vec":{"ship":4}}

            """, "application/x-ndjson");
        answer.Json["errors"]!.GetValue<bool>().ShouldBeFalse();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Node.DisposeAsync();
    }
}

internal sealed record Answer(int Status, byte[] Bytes, IReadOnlyDictionary<string, string> Headers)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Bytes);

    public JsonNode Json => JsonNode.Parse(Bytes)!;

    public string? ErrorType => (string?)Json["error"]!["type"];

    public string Reason => (string)Json["error"]!["reason"]!;

    public IEnumerable<string> HitIds => Json["hits"]!["hits"]!.AsArray().Select(h => (string)h!["_id"]!);

    /// <summary>Checks the shape that every error has.</summary>
    public Answer ShouldBeError(int status, string type, string reasonPart)
    {
        Status.ShouldBe(status, Text);
        ErrorType.ShouldBe(type, Text);
        Reason.ShouldContain(reasonPart);
        ((int)Json["status"]!).ShouldBe(status);
        Json["error"]!["root_cause"]!.AsArray().Count.ShouldBeGreaterThan(0);
        return this;
    }
}
