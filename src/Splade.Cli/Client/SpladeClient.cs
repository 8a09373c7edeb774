using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splade.Cli.Client;

/// <summary>A refusal of the node, in its own words.</summary>
internal sealed class NodeRefusedException(HttpStatusCode status, string type, string reason) : HttpRequestException($"{reason} ({type})", null, status);

/// <summary>No answer came: nothing listens there, the connection broke, or it took too long.</summary>
internal sealed class NoAnswerException(string message, Exception inner) : CliException(message, inner);

/// <summary>Talks to a coordinator's REST API.</summary>
internal sealed class SpladeClient : IDisposable
{
    private const int Attempts = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>How long requests are sent again of which the node says, after it has waited itself, that it was not done in time: a large model is loaded from a cold disk.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;
    private readonly Action<string>? _onWait;
    private readonly TimeProvider _time;

    /// <param name="timeout">Of one request; ten minutes where it is not given.</param>
    /// <param name="onWait">Gets a line for people when a request is refused for now and will be sent again: once for each reason.</param>
    /// <param name="time">Null for the system's.</param>
    public SpladeClient(Uri url, string? apiKey, TimeSpan? timeout = null, Action<string>? onWait = null, TimeProvider? time = null)
    {
        _onWait = onWait;
        _time = time ?? TimeProvider.System;
        _http = new HttpClient { BaseAddress = url, Timeout = timeout ?? TimeSpan.FromMinutes(10) };
        if (apiKey is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("ApiKey", apiKey);
        }
    }

    /// <param name="path">Path and query, parts escaped.</param>
    /// <param name="body">JSON or NDJSON; null for none.</param>
    /// <exception cref="NodeRefusedException">The node answered with an error, also after all that may pass by waiting was waited for.</exception>
    /// <exception cref="NoAnswerException">No node answers.</exception>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, ReadOnlyMemory<byte>? body, string mediaType, CancellationToken cancellationToken) =>
        (await SendTimedAsync(method, path, body, mediaType, cancellationToken).ConfigureAwait(false)).Answer;

    /// <summary>The same with the time that the answer took, without refusals before it and the pauses after them.</summary>
    public async Task<(JsonNode Answer, TimeSpan Took)> SendTimedAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, string mediaType, CancellationToken cancellationToken)
    {
        var (began, pause) = (_time.GetTimestamp(), FirstPause);
        string? told = null;
        for (var attempt = 1; ; attempt++)
        {
            var start = _time.GetTimestamp();
            try
            {
                return (await SendOnceAsync(method, path, body, mediaType, cancellationToken).ConfigureAwait(false), _time.GetElapsedTime(start));
            }
            catch (NodeRefusedException refusal) when (MayPass(refusal, attempt, began))
            {
                if (refusal.Message != told)
                {
                    told = refusal.Message;
                    _onWait?.Invoke($"waiting for the node: {refusal.Message}");
                }

                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>Overload and starting nodes, and what was not ready in time, such as a model that is still being loaded.</summary>
    private bool MayPass(NodeRefusedException refusal, int attempt, long began) => refusal.StatusCode switch
    {
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => attempt < Attempts,
        HttpStatusCode.GatewayTimeout => _time.GetElapsedTime(began) < Patience,
        _ => false,
    };

    /// <summary>The same without another try, for callers that know what to do instead.</summary>
    public async Task<JsonNode> SendOnceAsync(HttpMethod method, string path, ReadOnlyMemory<byte>? body, string mediaType, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is { } bytes)
        {
            request.Content = new ReadOnlyMemoryContent(bytes);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }

        try
        {
            // With its body, so that the timeout covers all of the answer.
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            var json = Parse(text);
            return response.IsSuccessStatusCode ? json ?? new JsonObject() : throw Refusal(response.StatusCode, json, text);
        }
        catch (HttpRequestException exception) when (exception is not NodeRefusedException)
        {
            throw new NoAnswerException($"No node answers at {_http.BaseAddress}: start one with 'splade serve', or give its address with --url. {exception.Message}", exception);
        }
        catch (TaskCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            throw new NoAnswerException(string.Create(CultureInfo.InvariantCulture, $"The node at {_http.BaseAddress} gave no answer in {_http.Timeout.TotalSeconds:0} s."), exception);
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
        JsonValue error => new NodeRefusedException(status, ((int)status).ToString(CultureInfo.InvariantCulture), error.ToString()),
        _ => new NodeRefusedException(status, ((int)status).ToString(CultureInfo.InvariantCulture), text),
    };
}
