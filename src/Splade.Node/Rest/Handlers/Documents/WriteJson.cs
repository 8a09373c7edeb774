using System.Text.Json;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Handlers.Documents;

/// <summary>Outcomes of writes as the API shows them.</summary>
internal static class WriteJson
{
    /// <summary>The members of a successful outcome.</summary>
    public static void WriteMembers(Utf8JsonWriter json, WriteResult result, CatalogSnapshot catalog, bool forcedRefresh)
    {
        json.WriteString("_index", result.Index);
        json.WriteString("_id", result.Id);
        json.WriteNumber("_version", result.Version);
        json.WriteString("result", result.Result);
        var noop = result.Result == "noop";
        if (forcedRefresh && !noop)
        {
            json.WriteBoolean("forced_refresh", true);
        }

        var replicas = catalog.Indices.FirstOrDefault(i => i.Name == result.Index)?.NumberOfReplicas ?? 0;
        json.WriteStartObject("_shards");
        json.WriteNumber("total", noop ? 0 : 1 + replicas);
        json.WriteNumber("successful", noop ? 0 : 1);
        json.WriteNumber("failed", 0);
        json.WriteEndObject();
        json.WriteNumber("_seq_no", result.SeqNo);
        json.WriteNumber("_primary_term", WriteOptions.PrimaryTerm);
    }

    /// <summary>One entry of a bulk answer's <c>items</c>.</summary>
    public static void WriteItem(Utf8JsonWriter json, string action, WriteResult result, CatalogSnapshot catalog, bool forcedRefresh)
    {
        json.WriteStartObject();
        json.WriteStartObject(action);
        WriteMembers(json, result, catalog, forcedRefresh);
        json.WriteNumber("status", result.Status);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteFailedItem(Utf8JsonWriter json, string action, string index, string? id, RestError error)
    {
        json.WriteStartObject();
        json.WriteStartObject(action);
        json.WriteString("_index", index);
        json.WriteString("_id", id);
        json.WriteNumber("status", error.Status);
        json.WritePropertyName("error");
        ErrorJson.WriteCause(json, error);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
