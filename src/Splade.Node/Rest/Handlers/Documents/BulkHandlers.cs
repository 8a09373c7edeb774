using System.Diagnostics;
using Splade.Cluster.Ingest;
using Splade.Node.Metrics;
using Splade.Node.Rest.Content;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Documents;

/// <summary>Many writes in one request.</summary>
internal sealed class BulkHandlers(RestMetrics metrics)
{
    private const int MaxActionBytes = 64 * 1024;

    public IEnumerable<Route> Routes => Route.Paths("/_bulk | /{index}/_bulk").Select(p =>
        new Route(["POST", "PUT"], p, "Many writes: pairs of action and source lines; one result for each", BulkAsync)
        {
            Parameters = WriteOptions.Common, Body = BodyKind.Ndjson,
        });

    /// <summary>
    /// A body that fits one batch is checked as a whole before anything of it is written. A longer one is written batch by batch while it
    /// is read, so memory stays bounded; an action line that is malformed behind the first batch ends the request, and its error says from
    /// which line on nothing was written.
    /// </summary>
    private async Task<RestResponse> BulkAsync(RestRequest request)
    {
        var started = Stopwatch.GetTimestamp();
        request.Query.CheckActiveShards();
        using var run = new BulkRun(request.Cluster, WriteOptions.Refresh(request.Query), WriteOptions.Timeout(request.Query), metrics, request.Aborted);
        try
        {
            await ReadAsync(request, run).ConfigureAwait(false);
        }
        catch (RestException e)
        {
            throw run.Abort(e);
        }

        await run.CompleteAsync().ConfigureAwait(false);
        var took = (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var items = run.Items.ToArray();
        var errors = run.Errors;
        return RestResponse.OfJson(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("errors", errors);
            json.WriteNumber("took", took);
            json.WritePropertyName("items");
            json.WriteRawValue(items, skipInputValidation: true);
            json.WriteEndObject();
        });
    }

    private static async Task ReadAsync(RestRequest request, BulkRun run)
    {
        var requireAlias = request.Query.Flag("require_alias");
        var number = 0;
        while (await request.Body.ReadLineAsync(MaxActionBytes, request.Aborted).ConfigureAwait(false) is { } read)
        {
            number++;
            if (read.TooLong)
            {
                throw RestErrors.IllegalArgument($"Malformed action/metadata line [{number}], it is longer than [{MaxActionBytes}] bytes");
            }

            var line = Terminated(read);
            if (line.IsEmpty)
            {
                continue;
            }

            var actionLine = number;
            var action = BulkAction.Parse(line, actionLine, request.Part("index"), requireAlias);
            ReadOnlyMemory<byte>? source = ReadOnlyMemory<byte>.Empty;
            if (action.HasSource)
            {
                number++;
                var sourceLine = await request.Body.ReadLineAsync(IngestOptions.LargestDocument, request.Aborted).ConfigureAwait(false)
                    ?? throw RestErrors.IllegalArgument($"Action/metadata line [{actionLine}] has no source line");
                var bytes = Terminated(sourceLine);
                source = sourceLine.TooLong ? default(ReadOnlyMemory<byte>?) : bytes;
            }

            await run.AddAsync(action, actionLine, source).ConfigureAwait(false);
        }

        if (number == 0)
        {
            throw RestErrors.BodyRequired();
        }
    }

    private static ReadOnlyMemory<byte> Terminated(BodyLine read) => read.Terminated
        ? TrimReturn(read.Bytes)
        : throw RestErrors.IllegalArgument("The bulk request must be terminated by a newline [\\n]");

    private static ReadOnlyMemory<byte> TrimReturn(ReadOnlyMemory<byte> line) =>
        line.Length > 0 && line.Span[^1] == (byte)'\r' ? line[..^1] : line;
}
