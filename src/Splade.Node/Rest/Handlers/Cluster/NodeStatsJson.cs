using System.Text.Json;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Node.Rest.Handlers.Cluster;

/// <summary>What a node has and uses, in Elasticsearch's shape as far as this program has the like. As reported, up to a second ago.</summary>
internal static class NodeStatsJson
{
    public static void Write(Utf8JsonWriter json, NodeReport report)
    {
        var (node, shards) = (report.Node, report.Shards);
        json.WriteStartObject(ClusterHandlers.NodeId(node));
        json.WriteString("name", node.Name);
        json.WriteString("transport_address", node.Address);
        json.WriteStartArray("roles");
        foreach (var role in node.Roles)
        {
            json.WriteStringValue(role);
        }

        json.WriteEndArray();
        json.WriteStartObject("indices");
        json.WriteStartObject("docs");
        json.WriteNumber("count", shards.Sum(s => s.DocumentCount));
        json.WriteNumber("deleted", shards.Sum(s => s.DeletedCount));
        json.WriteEndObject();
        json.WriteStartObject("shard_stats");
        json.WriteNumber("total_count", shards.Length);
        json.WriteEndObject();
        json.WriteStartObject("store");
        json.WriteNumber("size_in_bytes", shards.Sum(s => s.SizeInBytes));
        json.WriteEndObject();
        json.WriteStartObject("segments");
        json.WriteNumber("count", shards.Sum(s => s.SegmentCount));
        json.WriteNumber("memory_in_bytes", shards.Sum(s => s.SizeInBytes - s.MappedBytes));
        json.WriteNumber("mapped_in_bytes", shards.Sum(s => s.MappedBytes));
        json.WriteEndObject();
        json.WriteStartObject("translog");
        json.WriteNumber("uncommitted_operations", shards.Sum(s => s.UnflushedOperations));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("process");
        json.WriteStartObject("cpu");
        json.WriteNumber("percent", report.CpuPercent);
        json.WriteEndObject();
        json.WriteStartObject("mem");
        json.WriteNumber("heap_in_bytes", report.HeapBytes);
        json.WriteNumber("resident_in_bytes", report.ResidentBytes);
        json.WriteNumber("resident_files_in_bytes", report.ResidentFileBytes);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
