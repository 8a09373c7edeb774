using System.Text.Json;
using Splade.Cluster.Api;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Catalog;
using Splade.Index;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Documents;

/// <summary>Reading and writing single documents.</summary>
internal static class DocumentHandlers
{
    private static readonly string[] ReadParameters = [.. WriteOptions.Source, "realtime", "refresh"];

    public static IEnumerable<Route> Routes =>
    [
        new(["PUT", "POST"], "/{index}/_doc/{id}", "Add or replace a document", r => WriteAsync(r, r.Query["op_type"]))
        {
            Parameters = [.. WriteOptions.Common, .. WriteOptions.Conditions, "op_type"], Body = BodyKind.Json,
        },
        new(["POST"], "/{index}/_doc", "Add a document under an automatic id", r => WriteAsync(r, r.Query["op_type"]))
        {
            Parameters = [.. WriteOptions.Common, "op_type"], Body = BodyKind.Json,
        },
        new(["PUT", "POST"], "/{index}/_create/{id}", "Add a document whose id must be new", r => WriteAsync(r, "create"))
        {
            Parameters = WriteOptions.Common, Body = BodyKind.Json,
        },
        new(["GET", "HEAD"], "/{index}/_doc/{id}", "A document, as last acknowledged", GetAsync) { Parameters = ReadParameters },
        new(["DELETE"], "/{index}/_doc/{id}", "Delete a document", DeleteAsync)
        {
            Parameters = [.. WriteOptions.Common.Where(p => p != "require_alias"), .. WriteOptions.Conditions],
        },
        new(["GET", "HEAD"], "/{index}/_source/{id}", "Only the source of a document", GetSourceAsync) { Parameters = ReadParameters },
        new(["POST"], "/{index}/_update/{id}", "Change a part of a document, or add it", UpdateAsync)
        {
            Parameters = [.. WriteOptions.Common, .. WriteOptions.Conditions, .. WriteOptions.Source, "retry_on_conflict"], Body = BodyKind.Json,
        },
    ];

    private static async Task<RestResponse> WriteAsync(RestRequest request, string? operation)
    {
        var kind = operation switch
        {
            null or "index" => WriteKind.Index,
            "create" => WriteKind.Create,
            _ => throw RestErrors.IllegalArgument($"opType must be 'create' or 'index', found: [{operation}]"),
        };
        var id = request.Part("id");
        if (id is not null)
        {
            WriteOptions.CheckId(id);
        }

        var condition = Condition(request, id ?? "");
        if (kind == WriteKind.Create && condition is not null)
        {
            throw RestErrors.Validation("create operations do not support compare and set. use index instead");
        }

        var source = await request.Body.ReadAllAsync(IngestOptions.LargestDocument, weight: 1, request.Aborted).ConfigureAwait(false);
        if (source.IsEmpty)
        {
            throw RestErrors.Validation("source is missing");
        }

        JsonBody.CheckDocument(source.Span);
        // The body's buffer goes back to its pool with the request; a document may live longer.
        return await ApplyAsync(request, new WriteOperation(kind, request.Part("index")!, id, source.ToArray()) { IfSeqNo = condition }).ConfigureAwait(false);
    }

    private static Task<RestResponse> DeleteAsync(RestRequest request)
    {
        var id = request.Part("id")!;
        WriteOptions.CheckId(id);
        return ApplyAsync(
            request,
            new WriteOperation(WriteKind.Delete, request.RequireIndex().Name, id, ReadOnlyMemory<byte>.Empty) { IfSeqNo = Condition(request, id), RequireIndex = true });
    }

    private static async Task<RestResponse> UpdateAsync(RestRequest request)
    {
        var id = request.Part("id")!;
        WriteOptions.CheckId(id);
        var bytes = await request.Body.ReadAllAsync(JsonBody.MaxBytes, JsonBody.Weight, request.Aborted).ConfigureAwait(false);
        if (bytes.IsEmpty)
        {
            throw RestErrors.BodyRequired();
        }

        var body = UpdateBody.Parse(bytes.ToArray());
        var retries = request.Query.Int("retry_on_conflict") ?? 0;
        if (retries < 0)
        {
            throw RestErrors.IllegalArgument("[retry_on_conflict] must not be negative");
        }

        return await ApplyAsync(
            request,
            new WriteOperation(WriteKind.Update, request.Part("index")!, id, body.Bytes) { IfSeqNo = Condition(request, id), RetryOnConflict = retries },
            request.Query.Source() ?? body.Source).ConfigureAwait(false);
    }

    private static long? Condition(RestRequest request, string id) =>
        WriteOptions.Condition(id, request.Query.Long("if_seq_no"), request.Query.Long("if_primary_term"));

    private static async Task<RestResponse> ApplyAsync(RestRequest request, WriteOperation operation, SourceFilter? shown = null)
    {
        CheckTarget(request, operation);
        var refresh = WriteOptions.Refresh(request.Query);
        var results = await request.Cluster
            .WriteAsync([operation], refresh, WriteOptions.Timeout(request.Query), request.Aborted).ConfigureAwait(false);
        var result = results[0];
        if (result.Error is { } error)
        {
            throw new RestException(RestErrors.Of(error) with { Details = [("index", operation.Index)] });
        }

        var catalog = request.Cluster.Catalog;
        var response = RestResponse.OfJson(
            json =>
            {
                json.WriteStartObject();
                WriteJson.WriteMembers(json, result, catalog, refresh == RefreshPolicy.Immediate);
                if (shown is { Fetch: true } && result.UpdatedSource is { } source)
                {
                    json.WriteStartObject("get");
                    json.WriteNumber("_seq_no", result.SeqNo);
                    json.WriteNumber("_primary_term", WriteOptions.PrimaryTerm);
                    json.WriteBoolean("found", true);
                    json.WritePropertyName("_source");
                    shown.Write(json, source);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            },
            result.Status);
        if (result.Status == 201)
        {
            response.Headers.Add(("Location", $"/{Uri.EscapeDataString(result.Index)}/_doc/{Uri.EscapeDataString(result.Id)}"));
        }

        return response;
    }

    private static void CheckTarget(RestRequest request, WriteOperation operation)
    {
        Indices.IndexName.Check(operation.Index);
        request.Query.CheckActiveShards();
        WriteOptions.CheckAlias(operation.Index, request.Query.Flag("require_alias"));
    }

    private static async Task<RestResponse> GetAsync(RestRequest request)
    {
        var (index, document) = await FindAsync(request).ConfigureAwait(false);
        var filter = request.Query.Source() ?? SourceFilter.All;
        var id = request.Part("id")!;
        return RestResponse.OfJson(
            json =>
            {
                json.WriteStartObject();
                WriteDocument(json, index.Name, id, document, filter);
                json.WriteEndObject();
            },
            document is null ? 404 : 200);
    }

    private static async Task<RestResponse> GetSourceAsync(RestRequest request)
    {
        var (index, document) = await FindAsync(request).ConfigureAwait(false);
        var filter = request.Query.Source() ?? SourceFilter.All;
        if (!filter.Fetch)
        {
            throw RestErrors.Validation("fetching source can not be disabled");
        }

        return document is null
            ? throw new RestException(new RestError(404, "resource_not_found_exception", $"Document not found [{index.Name}]/[{request.Part("id")}]"))
            : RestResponse.OfJson(json => filter.Write(json, document.Source));
    }

    private static async Task<(IndexMetadata Index, StoredDocument? Document)> FindAsync(RestRequest request)
    {
        var index = request.RequireIndex();
        CheckRealTime(request.Query);
        if (request.Query.Flag("refresh"))
        {
            await request.Cluster.RefreshAsync([index], request.Aborted).ConfigureAwait(false);
        }

        var found = await request.Cluster.GetAsync(index, [request.Part("id")!], request.Aborted).ConfigureAwait(false);
        return (index, found[0]);
    }

    public static void CheckRealTime(QueryParameters query)
    {
        if (!query.Flag("realtime", true))
        {
            throw RestErrors.IllegalArgument("[realtime] of [false] is not supported: reads by id always see the last acknowledged write");
        }
    }

    /// <summary>The members of a document read by its id, found or not.</summary>
    public static void WriteDocument(Utf8JsonWriter json, string index, string id, StoredDocument? document, SourceFilter filter)
    {
        json.WriteString("_index", index);
        json.WriteString("_id", id);
        if (document is null)
        {
            json.WriteBoolean("found", false);
            return;
        }

        json.WriteNumber("_version", document.Version);
        json.WriteNumber("_seq_no", document.SeqNo);
        json.WriteNumber("_primary_term", WriteOptions.PrimaryTerm);
        json.WriteBoolean("found", true);
        if (filter.Fetch)
        {
            json.WritePropertyName("_source");
            filter.Write(json, document.Source);
        }
    }
}
