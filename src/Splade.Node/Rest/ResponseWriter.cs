using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Splade.Node.Rest.Content;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest;

/// <summary>Writes a response in the negotiated format, filtered, indented and compressed as asked.</summary>
internal static class ResponseWriter
{
    /// <summary>Shorter bodies gain nothing from compression.</summary>
    private const int CompressFrom = 1024;

    public static JsonWriterOptions JsonOptions(bool indented) =>
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = indented, MaxDepth = 1000, SkipValidation = true };

    public static async Task WriteAsync(HttpContext http, RestResponse response, ResponseFormat format, QueryParameters? query)
    {
        using var buffer = new PooledBuffer();
        string? contentType;
        if (response.Json is { } write)
        {
            WriteJson(buffer, write, query);
            contentType = format.JsonType;
        }
        else
        {
            System.Text.Encoding.UTF8.GetBytes(response.Text!, buffer);
            contentType = response.Text!.Length == 0 ? null : "text/plain; charset=UTF-8";
        }

        http.Response.StatusCode = response.Status;
        if (contentType is not null)
        {
            http.Response.ContentType = contentType;
        }

        foreach (var (name, value) in response.Headers)
        {
            http.Response.Headers[name] = value;
        }

        await SendAsync(http, buffer).ConfigureAwait(false);
    }

    private static void WriteJson(PooledBuffer buffer, Action<Utf8JsonWriter> write, QueryParameters? query)
    {
        var pretty = query?["pretty"] is "" or "true";
        var filter = FilterPath.Parse(query?["filter_path"]);
        using (var json = new Utf8JsonWriter(buffer, JsonOptions(pretty && filter is null)))
        {
            write(json);
        }

        if (filter is not null)
        {
            using var whole = JsonDocument.Parse(buffer.Written.ToArray(), new JsonDocumentOptions { MaxDepth = 1000 });
            buffer.Clear();
            using var json = new Utf8JsonWriter(buffer, JsonOptions(pretty));
            filter.Apply(whole.RootElement, json);
        }

        if (pretty)
        {
            buffer.GetSpan(1)[0] = (byte)'\n';
            buffer.Advance(1);
        }
    }

    private static async Task SendAsync(HttpContext http, PooledBuffer buffer)
    {
        var body = buffer.Written;
        if (body.Length >= CompressFrom && AcceptsGzip(http.Request))
        {
            var compressed = new MemoryStream();
            var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true);
            await using (gzip.ConfigureAwait(false))
            {
                await gzip.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
            }

            body = compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
            http.Response.Headers.ContentEncoding = "gzip";
            http.Response.Headers.Vary = "Accept-Encoding";
        }

        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
        }
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        request.Headers.AcceptEncoding.ToString().Split(',').Any(e =>
            e.Trim() is var entry && (entry == "gzip" || (entry.StartsWith("gzip;", StringComparison.Ordinal) && !entry.EndsWith("q=0", StringComparison.Ordinal))));
}
