using System.Collections.Immutable;
using System.Text.Json;
using Splade.Cluster.Protocol.Catalog;
using Splade.Index;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Documents;

/// <summary>Reading many documents by their ids.</summary>
internal static class MultiGetHandlers
{
    private const int MaxDocuments = 10_000;

    public static IEnumerable<Route> Routes => Route.Paths("/_mget | /{index}/_mget").Select(p =>
        new Route(["GET", "POST"], p, "Documents by their ids", GetAsync)
        {
            Parameters = [.. WriteOptions.Source, "realtime", "refresh", "source", "source_content_type"], Body = BodyKind.Json,
        });

    private static async Task<RestResponse> GetAsync(RestRequest request)
    {
        DocumentHandlers.CheckRealTime(request.Query);
        var items = Parse(request, await request.RequireJsonAsync("mget").ConfigureAwait(false));
        var documents = new StoredDocument?[items.Length];
        foreach (var group in items.Select((item, i) => (item, i)).Where(x => x.item.Index is not null).GroupBy(x => x.item.Index!.Uuid))
        {
            var index = group.First().item.Index!;
            if (request.Query.Flag("refresh"))
            {
                await request.Cluster.RefreshAsync([index], request.Aborted).ConfigureAwait(false);
            }

            var found = await request.Cluster.GetAsync(index, [.. group.Select(x => x.item.Id)], request.Aborted).ConfigureAwait(false);
            foreach (var ((_, i), document) in group.Zip(found))
            {
                documents[i] = document;
            }
        }

        return RestResponse.OfJson(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("docs");
            for (var i = 0; i < items.Length; i++)
            {
                Write(json, items[i], documents[i]);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, Item item, StoredDocument? document)
    {
        json.WriteStartObject();
        if (item.Index is { } index)
        {
            DocumentHandlers.WriteDocument(json, index.Name, item.Id, document, item.Source);
        }
        else
        {
            json.WriteString("_index", item.IndexName);
            json.WriteString("_id", item.Id);
            json.WritePropertyName("error");
            ErrorJson.WriteError(json, RestErrors.IndexNotFound(item.IndexName).Error);
        }

        json.WriteEndObject();
    }

    private static ImmutableArray<Item> ParseDocs(RestRequest request, JsonPart docs, SourceFilter source)
    {
        var items = ImmutableArray.CreateBuilder<Item>();
        foreach (var doc in docs.Items)
        {
            if (doc.IsObject)
            {
                doc.RefuseUnknown("mget", "_index", "_id", "_source");
            }

            var index = doc["_index"]?.AsString("_index") ?? request.Part("index");
            var id = doc["_id"]?.ScalarText;
            if (index is null || id is null)
            {
                throw RestErrors.Validation(index is null ? $"index is missing for doc {items.Count}" : $"id is missing for doc {items.Count}");
            }

            items.Add(new Item(index, Find(request, index), id, doc["_source"] is { } own ? SourceFilter.Parse(own) : source));
        }

        return items.ToImmutable();
    }

    private static ImmutableArray<Item> ParseIds(RestRequest request, JsonPart ids, SourceFilter source)
    {
        var index = request.Part("index") ?? throw RestErrors.Validation("index is missing for doc 0");
        return [.. ids.Items.Select(id => new Item(index, Find(request, index), id.ScalarText ?? throw id.Error("ids array element should only contain ids"), source))];
    }

    private static ImmutableArray<Item> Parse(RestRequest request, JsonPart body)
    {
        body.RefuseUnknown("mget", "docs", "ids");
        var source = request.Query.Source() ?? SourceFilter.All;
        var items = (body["docs"], body["ids"]) switch
        {
            ({ Kind: JsonValueKind.Array } docs, null) => ParseDocs(request, docs, source),
            (null, { Kind: JsonValueKind.Array } ids) => ParseIds(request, ids, source),
            (null, null) => throw RestErrors.Validation("no documents to get"),
            _ => throw body.Error("[mget] takes one of [docs] and [ids], a list"),
        };
        return items.Length switch
        {
            0 => throw RestErrors.Validation("no documents to get"),
            > MaxDocuments => throw RestErrors.IllegalArgument($"[mget] asks for [{items.Length}] documents, more than [{MaxDocuments}]: send it in parts"),
            _ => items,
        };
    }

    private static IndexMetadata? Find(RestRequest request, string name) => request.Cluster.Catalog.Indices.FirstOrDefault(i => i.Name == name);

    /// <param name="Index">Null when there is no index of that name.</param>
    private sealed record Item(string IndexName, IndexMetadata? Index, string Id, SourceFilter Source);
}
