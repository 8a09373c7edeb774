using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Splade.Cli.Hub;

/// <summary>Asks a model hub, in the API of Hugging Face's. The token goes to the hub's own address and nowhere else.</summary>
internal sealed partial class HubClient : IDisposable
{
    private const int MaxRedirects = 5;
    private const long MaxAnswerBytes = 64 << 20;
    private readonly HttpClient _http;
    private readonly Uri _hub;
    private readonly string? _token;

    public HubClient(string hub, string? token)
    {
        _hub = Uri.TryCreate(hub.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new Uri(hub.TrimEnd('/') + "/")
            : throw new CliException($"'{hub}' is no address of a hub.");
        _token = string.IsNullOrWhiteSpace(token) ? null : token.Trim();

        // Redirects are followed here: the handler would take the token along or lose it.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("splade", typeof(HubClient).Assembly.GetName().Version?.ToString(3)));
    }

    /// <exception cref="CliException">The id is none, the hub refuses, or its answer makes no sense.</exception>
    public async Task<HubModel> GetModelAsync(string id, string revision, CancellationToken cancellationToken)
    {
        if (!ModelId().IsMatch(id) || id.Contains("..", StringComparison.Ordinal))
        {
            throw new CliException($"'{id}' is no id of a model: expected OWNER/NAME.");
        }

        using var response = await SendAsync($"api/models/{id}/revision/{Uri.EscapeDataString(revision)}?blobs=true", 0, cancellationToken).ConfigureAwait(false);
        Check(response, id, revision);
        if (response.Content.Headers.ContentLength > MaxAnswerBytes)
        {
            throw new CliException($"The hub's answer about {id} is larger than {MaxAnswerBytes >> 20} MB.");
        }

        try
        {
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, cancellationToken).ConfigureAwait(false);
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
            return HubModel.Parse(id, json.RootElement);
        }
        catch (JsonException exception)
        {
            throw new CliException($"The hub's answer about {id} is no JSON. Is the hub's address right?", exception);
        }
    }

    /// <summary>A file's content from a byte on; a hub that can't do that answers from the start (status 200).</summary>
    /// <returns>The last answer, and the hash that the hub names on the way to it.</returns>
    public async Task<(HttpResponseMessage Response, string? LinkedHash)> OpenAsync(HubModel model, HubFile file, long from, CancellationToken cancellationToken)
    {
        string? hash = null;
        var path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        var response = await SendAsync($"{model.Id}/resolve/{model.Commit}/{path}", from, cancellationToken, r => hash ??= LinkedHash(r)).ConfigureAwait(false);
        if (response.StatusCode is not HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            Check(response, model.Id, model.Commit, file.Path);
        }

        return (response, hash);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string relative, long from, CancellationToken cancellationToken, Action<HttpResponseMessage>? onAnswer = null)
    {
        var target = new Uri(_hub, relative);
        for (var hops = 0; ; hops++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            if (_token is not null && IsHub(target))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
            }

            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
            }

            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            onAnswer?.Invoke(response);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
            {
                return response;
            }

            response.Dispose();
            var next = new Uri(target, location);
            if (hops >= MaxRedirects || next.Scheme is not ("http" or "https") || (target.Scheme == "https" && next.Scheme == "http"))
            {
                throw new CliException($"The hub redirects {target} to {next}, which is not followed.");
            }

            target = next;
        }
    }

    private bool IsHub(Uri target) => target.Scheme == _hub.Scheme && target.Authority == _hub.Authority;

    private void Check(HttpResponseMessage response, string id, string revision, string? file = null)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var status = response.StatusCode;
        var after = response.Headers.RetryAfter?.Delta;
        response.Dispose();
        throw status switch
        {
            // Hugging Face's hub says 401 for models that do not exist, too.
            HttpStatusCode.Unauthorized => new CliException(_token is null
                ? $"{id} does not exist at {_hub}, or needs a token: set SPLADE_HUB_TOKEN."
                : $"{id} does not exist at {_hub}, or the token in SPLADE_HUB_TOKEN may not read it."),
            HttpStatusCode.Forbidden => new CliException($"{id} may not be downloaded yet: accept its terms at {new Uri(_hub, id)}, then try again with a token in SPLADE_HUB_TOKEN."),
            HttpStatusCode.NotFound when file is not null => new CliException($"{id} has no file {file} at {_hub}, though the hub lists it."),
            HttpStatusCode.NotFound => new CliException($"There is no model {id} with the revision {revision} at {_hub}."),
            HttpStatusCode.TooManyRequests => new HubBusyException(
                $"The hub answers 429 for {file ?? id}: too many requests from here. Wait a while{(_token is null ? ", or set SPLADE_HUB_TOKEN: hubs let their users do more" : "")}.", after),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout =>
                new HubBusyException($"The hub answers {(int)status} for {file ?? id}: it has trouble of its own, so try again later.", after),
            _ => new CliException($"The hub answers {(int)status} for {file ?? id}."),
        };
    }

    private static string? LinkedHash(HttpResponseMessage response)
    {
        var linked = response.Headers.TryGetValues("X-Linked-Etag", out var values) ? values.FirstOrDefault() : null;
        var tag = (linked ?? response.Headers.ETag?.Tag)?.Trim('"');
        return tag is { Length: 64 or 40 } && tag.All(char.IsAsciiHexDigit) ? tag : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?$")]
    private static partial Regex ModelId();
}
