using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Splade.Cli.Tests.Hub;

/// <summary>A model hub on a free port, with the faults that a test asks for. Large files (.safetensors, .onnx) come by a redirect to a second server.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private readonly WebApplication _hub = Create();
    private readonly WebApplication _storage = Create();

    private FakeHub(Dictionary<string, byte[]> files)
    {
        Files = files;
        _hub.MapGet("/api/models/{owner}/{name}/revision/{revision}", Describe);
        _hub.MapGet("/{owner}/{name}/resolve/{revision}/{**path}", Resolve);
        _storage.MapGet("/{**path}", (HttpContext http, string path) => SendAsync(http, path, Files[path]));
    }

    public Dictionary<string, byte[]> Files { get; }

    public string Url => _hub.Urls.First();

    /// <summary>Answers every request with this status.</summary>
    public int? Refusal { get; set; }

    /// <summary>How many requests are still refused that way; null for all.</summary>
    public int? Refusals { get; set; }

    /// <summary>Of a refusal, in seconds.</summary>
    public int? RetryAfter { get; set; }

    /// <summary>Token without which the hub says 401.</summary>
    public string? Token { get; set; }

    /// <summary>How often a file's answer is cut in the middle before it is sent whole.</summary>
    public ConcurrentDictionary<string, int> Cuts { get; } = [];

    /// <summary>Files whose content is not what the hub says.</summary>
    public HashSet<string> Corrupt { get; } = [];

    /// <summary>Says no size and no hash in the list of files.</summary>
    public bool IsTerse { get; set; }

    /// <summary>Redirects in a circle.</summary>
    public bool IsCircular { get; set; }

    /// <summary>Paths, with their ranges, that were asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Requests of the second server that came with a token.</summary>
    public int LeakedTokens { get; private set; }

    public static async Task<FakeHub> StartAsync(Dictionary<string, byte[]> files)
    {
        var hub = new FakeHub(files);
        await hub._hub.StartAsync();
        await hub._storage.StartAsync();
        return hub;
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private static bool IsLarge(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".onnx", StringComparison.Ordinal);

    private static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

#pragma warning disable CA5350 // Git names ordinary files by SHA-1.
    private static string BlobId(byte[] content) =>
        Convert.ToHexStringLower(SHA1.HashData([.. System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {content.Length}\0")), .. content]));
#pragma warning restore CA5350

    private IResult? Refuse(HttpContext http)
    {
        if (Refusal is not { } status || Refusals == 0)
        {
            return Authorize(http);
        }

        Refusals--;
        http.Response.Headers.RetryAfter = RetryAfter?.ToString(CultureInfo.InvariantCulture);
        return Results.StatusCode(status);
    }

    private IResult? Authorize(HttpContext http) =>
        Token is not null && http.Request.Headers.Authorization != $"Bearer {Token}" ? Results.StatusCode(401)
        : null;

    private IResult Describe(HttpContext http, string owner, string name, string revision)
    {
        if (Refuse(http) is { } refusal)
        {
            return refusal;
        }

        var siblings = Files.Select(f => new Dictionary<string, object> { ["rfilename"] = f.Key }).ToArray();
        foreach (var sibling in IsTerse ? [] : siblings)
        {
            var content = Files[(string)sibling["rfilename"]];
            sibling["size"] = content.Length;
            if (IsLarge((string)sibling["rfilename"]))
            {
                sibling["lfs"] = new { sha256 = Sha256(content), size = content.Length };
            }
            else
            {
                sibling["blobId"] = BlobId(content);
            }
        }

        return revision == "main"
            ? Results.Text(JsonSerializer.Serialize(new { id = $"{owner}/{name}", sha = Commit, cardData = new { license = "apache-2.0" }, siblings }), "application/json")
            : Results.NotFound();
    }

    private async Task<IResult> Resolve(HttpContext http, string owner, string name, string revision, string path)
    {
        if (Refuse(http) is { } refusal)
        {
            return refusal;
        }

        if (IsCircular)
        {
            return Results.Redirect(http.Request.Path);
        }

        if (revision != Commit || !Files.TryGetValue(path, out var content))
        {
            return Results.NotFound();
        }

        if (IsLarge(path))
        {
            http.Response.Headers["X-Linked-Etag"] = $"\"{Sha256(content)}\"";
            return Results.Redirect($"{_storage.Urls.First()}/{path}");
        }

        http.Response.Headers.ETag = $"\"{BlobId(content)}\"";
        await SendAsync(http, path, content);
        return Results.Empty;
    }

    private async Task SendAsync(HttpContext http, string path, byte[] content)
    {
        LeakedTokens += IsLarge(path) && http.Request.Headers.ContainsKey("Authorization") ? 1 : 0;
        var range = http.Request.Headers.Range.ToString();
        Requests.Enqueue(range.Length == 0 ? path : $"{path} {range}");
        var from = range.Length == 0 ? 0 : int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        var sent = Corrupt.Contains(path) ? [.. content.Select(b => (byte)(b ^ 1))] : content;
        if (from > 0)
        {
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{content.Length - 1}/{content.Length}");
        }

        http.Response.ContentLength = content.Length - from;
        if (Cuts.TryGetValue(path, out var cuts) && cuts > 0)
        {
            Cuts[path] = cuts - 1;
            await http.Response.Body.WriteAsync(sent.AsMemory(from, (content.Length - from) / 2));
            await http.Response.Body.FlushAsync();
            http.Abort();
            return;
        }

        await http.Response.Body.WriteAsync(sent.AsMemory(from));
    }
}
