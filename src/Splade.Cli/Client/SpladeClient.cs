using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splade.Cli.Client;

/// <summary>A refusal of the node, in its own words.</summary>
internal sealed class NodeRefusedException(HttpStatusCode status, string type, string reason) : HttpRequestException($"{reason} ({type})", null, status);

/// <summary>Nothing listens at the address, or the connection broke: whether the node did what it was asked is not known.</summary>
internal sealed class NodeUnreachableException(Uri? url, HttpRequestException cause)
    : CliException($"No node answers at {url}: start one with 'splade serve', or give its address with --url. {cause.Message}", cause);

/// <summary>Talks to a coordinator's REST API.</summary>
internal sealed class SpladeClient : IDisposable
{
    private const int Attempts = 8;
    private readonly HttpClient _http;

    public SpladeClient(Uri url, string? apiKey)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(10) };
        if (apiKey is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", apiKey);
        }
    }

    /// <param name="path">Path and query, parts escaped.</param>
    /// <param name="body">JSON or NDJSON; null for none.</param>
    /// <exception cref="NodeRefusedException">The node answered with an error.</exception>
    /// <exception cref="NodeUnreachableException">No node answers.</exception>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, ReadOnlyMemory<byte>? body, string mediaType, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is { } bytes)
            {
                request.Content = new ReadOnlyMemoryContent(bytes);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
            }

            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException exception)
            {
                throw new NodeUnreachableException(_http.BaseAddress, exception);
            }

            using (response)
            {
                // Overload and starting nodes: wait and try again.
                if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && attempt < Attempts)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100 << attempt), cancellationToken).ConfigureAwait(false);
                    continue;
                }

                var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
                var json = Parse(text);
                return response.IsSuccessStatusCode
                    ? json ?? new JsonObject()
                    : throw Refusal(response.StatusCode, json, text);
            }
        }
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, "application/json", cancellationToken);

    public Task<JsonNode> PostAsync(string path, JsonNode body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body), "application/json", cancellationToken);

    public async Task<bool> IndexExistsAsync(string index, CancellationToken cancellationToken)
    {
        try
        {
            await GetAsync("/" + Uri.EscapeDataString(index), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (NodeRefusedException missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private static JsonNode? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static NodeRefusedException Refusal(HttpStatusCode status, JsonNode? json, string text) => json?["error"] switch
    {
        JsonObject error => new NodeRefusedException(status, (string?)error["type"] ?? "error", (string?)error["reason"] ?? text),
        JsonValue error => new NodeRefusedException(status, ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), error.ToString()),
        _ => new NodeRefusedException(status, ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), text),
    };
}
