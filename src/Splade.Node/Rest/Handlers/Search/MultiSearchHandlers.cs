using System.Diagnostics;
using System.Text.Json;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>Many searches in one request, each with its own status.</summary>
internal static class MultiSearchHandlers
{
    private const int MaxSearches = 1000;

    private const int MaxLineBytes = 1 << 20;

    private const int DefaultConcurrency = 8;

    public static IEnumerable<Route> Routes => Route.Paths("/_msearch | /{index}/_msearch").Select(p =>
        new Route(["GET", "POST"], p, "Many searches: pairs of header and body lines; one answer for each", SearchAsync)
        {
            Parameters = [.. IndexOptions.Parameters, "max_concurrent_searches", "rest_total_hits_as_int", "typed_keys"], Body = BodyKind.Ndjson,
        });

    private static async Task<RestResponse> SearchAsync(RestRequest request)
    {
        var started = Stopwatch.GetTimestamp();
        var concurrency = request.Query.Int("max_concurrent_searches") ?? DefaultConcurrency;
        if (concurrency < 1)
        {
            throw RestErrors.IllegalArgument($"[max_concurrent_searches] must be positive, but was [{concurrency}]");
        }

        var searches = await ReadAsync(request).ConfigureAwait(false);
        var answers = new Action<Utf8JsonWriter>[searches.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(concurrency, DefaultConcurrency * 4), CancellationToken = request.Aborted };
        await Parallel.ForAsync(0, searches.Count, parallel, async (i, cancellation) =>
            answers[i] = await AnswerAsync(request, searches[i].Header, searches[i].Body, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        var took = (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return RestResponse.OfJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("took", took);
            json.WriteStartArray("responses");
            foreach (var answer in answers)
            {
                json.WriteStartObject();
                answer(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task<Action<Utf8JsonWriter>> AnswerAsync(
        RestRequest request, JsonPart? header, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            var body = bytes.IsEmpty ? null : JsonBody.ParseObject(bytes, "search");
            var indices = IndexExpression.Resolve(request.Cluster.Catalog, Index(header) ?? request.Part("index"), Options(request, header));
            var (result, options, name) = await SearchHandlers.RunAsync(request.Cluster, indices, request.Query, body, cancellation).ConfigureAwait(false);
            return json =>
            {
                SearchJson.WriteMembers(json, result, options, name);
                json.WriteNumber("status", 200);
            };
        }
        catch (Exception e) when (RestErrors.Of(e) is not null)
        {
            return json => ErrorJson.WriteMembers(json, RestErrors.Of(e)!);
        }
    }

    private static async Task<List<(JsonPart? Header, ReadOnlyMemory<byte> Body)>> ReadAsync(RestRequest request)
    {
        var searches = new List<(JsonPart?, ReadOnlyMemory<byte>)>();
        var number = 0;
        while (await NextAsync(request).ConfigureAwait(false) is { } headerLine)
        {
            number++;
            JsonPart? header = null;
            if (headerLine.Length > 0)
            {
                header = JsonBody.ParseObject(headerLine, $"msearch header on line {number}");
                header.RefuseUnknown("msearch", "index", "ignore_unavailable", "allow_no_indices", "expand_wildcards");
            }

            number++;
            var body = await NextAsync(request).ConfigureAwait(false)
                ?? throw RestErrors.IllegalArgument($"the header on line [{number - 1}] of the multi search request has no body line");
            searches.Add((header, body));
            if (searches.Count > MaxSearches)
            {
                throw RestErrors.IllegalArgument($"the multi search request holds more than [{MaxSearches}] searches: send it in parts");
            }
        }

        return searches.Count > 0 ? searches : throw RestErrors.Validation("no requests added");
    }

    private static async Task<byte[]?> NextAsync(RestRequest request)
    {
        var read = await request.Body.ReadLineAsync(MaxLineBytes, request.Aborted).ConfigureAwait(false);
        return read is null ? null
            : read.Value.TooLong ? throw RestErrors.BodyTooLarge(MaxLineBytes)
            : read.Value.Terminated ? read.Value.Bytes.Span.TrimEnd((byte)'\r').ToArray()
            : throw RestErrors.IllegalArgument("The msearch request must be terminated by a newline [\\n]");
    }

    private static string? Index(JsonPart? header) => header?["index"] switch
    {
        null or { IsNull: true } => null,
        var index => string.Join(',', index.AsStrings("index")),
    };

    private static IndexOptions Options(RestRequest request, JsonPart? header)
    {
        var options = IndexOptions.Of(request.Query);
        return IndexOptions.Expand(
            options with
            {
                IgnoreUnavailable = header?["ignore_unavailable"]?.AsBoolean("ignore_unavailable") ?? options.IgnoreUnavailable,
                AllowNoIndices = header?["allow_no_indices"]?.AsBoolean("allow_no_indices") ?? options.AllowNoIndices,
            },
            header?["expand_wildcards"]?.AsStrings("expand_wildcards").SelectMany(s => s.Split(',')).ToArray());
    }
}
