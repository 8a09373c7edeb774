using System.Text.Json;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Search;
using Splade.Index;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>What the shards did, in Elasticsearch's shape; what only this engine knows stands under <c>debug</c>.</summary>
internal static class ProfileJson
{
    /// <summary>Steps of Lucene's scorers, which clients expect. Here all time is scoring.</summary>
    private static readonly string[] OtherSteps =
    [
        "advance", "build_scorer", "compute_max_score", "count_weight", "create_weight", "match", "next_doc", "set_min_competitive_score", "shallow_advance",
    ];

    /// <summary>The member <c>profile</c>.</summary>
    public static void Write(Utf8JsonWriter json, SearchResult result)
    {
        json.WriteStartObject("profile");
        json.WriteStartArray("shards");
        foreach (var (shard, node, profile) in result.Profiles.OrderBy(p => p.Shard.Index, StringComparer.Ordinal).ThenBy(p => p.Shard.Number))
        {
            json.WriteStartObject();
            json.WriteString("id", $"[{node}][{shard.Index}][{shard.Number}]");
            json.WriteString("node_id", node);
            json.WriteNumber("shard_id", shard.Number);
            json.WriteString("index", shard.Index);
            json.WriteString("cluster", "(local)");
            json.WriteStartArray("searches");
            json.WriteStartObject();
            json.WriteStartArray("query");
            WriteQuery(json, profile);
            json.WriteEndArray();
            json.WriteNumber("rewrite_time", 0);
            json.WriteStartArray("collector");
            json.WriteStartObject();
            json.WriteString("name", "TopDocuments");
            json.WriteString("reason", "search_top_hits");
            json.WriteNumber("time_in_nanos", profile.Nanoseconds);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartArray("aggregations");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Why the shard's search ended.</summary>
    private static string EndName(SearchEnd end) => end switch
    {
        SearchEnd.Exhausted => "everything_scored",
        SearchEnd.Bounds => "bounds",
        SearchEnd.Budget => "max_superblocks",
        _ => "timeout",
    };

    private static void WriteQuery(Utf8JsonWriter json, ShardProfile profile)
    {
        json.WriteStartObject();
        json.WriteString("type", profile.QueryType);
        json.WriteString("description", profile.Description);
        json.WriteNumber("time_in_nanos", profile.Nanoseconds);
        json.WriteStartObject("breakdown");
        json.WriteNumber("score", profile.Nanoseconds);
        json.WriteNumber("score_count", profile.Postings);
        foreach (var step in OtherSteps)
        {
            json.WriteNumber(step, 0);
            json.WriteNumber(step + "_count", 0);
        }

        json.WriteEndObject();
        json.WriteStartObject("debug");
        json.WriteString("plan", profile.ExhaustiveSegments == 0 ? "pruned" : profile.ExhaustiveSegments == profile.Segments ? "exhaustive" : "mixed");
        json.WriteNumber("segments", profile.Segments);
        json.WriteNumber("segments_exhaustive", profile.ExhaustiveSegments);
        json.WriteNumber("postings", profile.Postings);
        json.WriteNumber("superblocks", profile.Superblocks);
        json.WriteNumber("superblocks_total", profile.AllSuperblocks);
        json.WriteNumber("blocks", profile.Blocks);
        json.WriteString("ended_by", EndName(profile.End));
        json.WriteBoolean("stopped_early", profile.End >= SearchEnd.Budget);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
