using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Splade.Cli.Tests.Import;

/// <summary>A node on a free port that gives the answers of a test, in order for each path, the last one of a path again and again, or does what the test says.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(int Status, string Body)>> _answers = [];

    private FakeNode()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _web = builder.Build();
        _web.Run(AnswerAsync);
    }

    public string Url => _web.Urls.First();

    /// <summary>Path and body of each request.</summary>
    public ConcurrentQueue<(string Path, string Body)> Requests { get; } = [];

    /// <summary>Answers a request from its path, query string and body; null leaves it to the answers in order, and a status of 0 breaks the connection.</summary>
    public Func<string, string, string, Task<(int Status, string Body)?>> Handler { get; set; } = (_, _, _) => Task.FromResult<(int, string)?>(null);

    public static async Task<FakeNode> StartAsync()
    {
        var node = new FakeNode();
        await node._web.StartAsync();
        return node;
    }

    /// <param name="status">0 breaks the connection.</param>
    public void Answer(string path, int status, string body) => _answers.GetOrAdd(path, _ => []).Enqueue((status, body));

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var request = await reader.ReadToEndAsync();
        Requests.Enqueue((http.Request.Path, request));
        var handled = await Handler(http.Request.Path, http.Request.QueryString.Value ?? "", request);
        var (status, body) = handled ?? (404, """{"error":{"type":"index_not_found_exception","reason":"no such path in this test"},"status":404}""");
        if (handled is null && _answers.TryGetValue(http.Request.Path, out var answers))
        {
            _ = answers.Count > 1 ? answers.TryDequeue(out var answer) : answers.TryPeek(out answer);
            (status, body) = answer;
        }

        if (status == 0)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body);
    }
}
