using System.Collections.Immutable;
using System.Text.Json;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Index;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Handlers.Documents;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>Search results as the API shows them.</summary>
internal static class SearchJson
{
    /// <summary>The members of a search answer, in an object that is open.</summary>
    public static void WriteMembers(Utf8JsonWriter json, SearchResult result, SearchOptions options, string? queryName)
    {
        json.WriteNumber("took", (long)result.Took.TotalMilliseconds);
        json.WriteBoolean("timed_out", result.TimedOut);
        if (result.TerminatedEarly)
        {
            json.WriteBoolean("terminated_early", true);
        }

        WriteShards(json, result.ShardsTotal, result.ShardsSuccessful, result.Failures, skipped: true);
        json.WriteStartObject("hits");
        WriteTotal(json, result, options);
        if (result.MaxScore is { } max && result.Hits.Length > 0)
        {
            json.WriteNumber("max_score", max);
        }
        else
        {
            json.WriteNull("max_score");
        }

        json.WriteStartArray("hits");
        foreach (var hit in result.Hits)
        {
            WriteHit(json, hit, options, queryName);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        if (options.Profile)
        {
            ProfileJson.Write(json, result);
        }
    }

    public static void WriteShards(
        Utf8JsonWriter json, int total, int successful, ImmutableArray<(ShardId Shard, ErrorInfo Error)> failures, bool skipped = false)
    {
        json.WriteStartObject("_shards");
        json.WriteNumber("total", total);
        json.WriteNumber("successful", successful);
        if (skipped)
        {
            json.WriteNumber("skipped", 0);
        }

        json.WriteNumber("failed", failures.Length);
        if (!failures.IsEmpty)
        {
            json.WriteStartArray("failures");
            foreach (var (shard, error) in failures)
            {
                json.WriteStartObject();
                json.WriteNumber("shard", shard.Number);
                json.WriteString("index", shard.Index);
                json.WriteNumber("status", error.Status);
                json.WritePropertyName("reason");
                ErrorJson.WriteCause(json, RestErrors.Of(error));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>An explanation tree: the sum, each feature's part, and its two factors.</summary>
    public static void WriteExplanation(Utf8JsonWriter json, ScoreExplanation explanation)
    {
        json.WriteStartObject();
        json.WriteNumber("value", explanation.Score);
        json.WriteString("description", explanation.Matched ? "score, sum of:" : "no matching feature");
        json.WriteStartArray("details");
        foreach (var part in explanation.Contributions)
        {
            json.WriteStartObject();
            json.WriteNumber("value", part.Contribution);
            json.WriteString("description", $"weight({part.Field}:{part.Feature}), query weight x document weight x boost");
            json.WriteStartArray("details");
            WriteFactor(json, part.QueryWeight, "query weight");
            WriteFactor(json, part.DocumentWeight, "document weight");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFactor(Utf8JsonWriter json, float value, string description)
    {
        json.WriteStartObject();
        json.WriteNumber("value", value);
        json.WriteString("description", description);
        json.WriteStartArray("details");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTotal(Utf8JsonWriter json, SearchResult result, SearchOptions options)
    {
        var total = result.Total;
        if (options.TotalAsNumber)
        {
            json.WriteNumber("total", options.TrackTotal == 0 ? -1 : total);
        }
        else if (options.TrackTotal != 0)
        {
            var counted = Math.Min(total, options.TrackTotal ?? long.MaxValue);
            json.WriteStartObject("total");
            json.WriteNumber("value", counted);
            json.WriteString("relation", result.TotalIsLowerBound || counted < total ? "gte" : "eq");
            json.WriteEndObject();
        }
    }

    private static void WriteHit(Utf8JsonWriter json, SearchHit hit, SearchOptions options, string? queryName)
    {
        json.WriteStartObject();
        if (options.Explain)
        {
            json.WriteString("_shard", $"[{hit.Index}][{hit.Shard.Number}]");
        }

        json.WriteString("_index", hit.Index);
        json.WriteString("_id", hit.Id);
        if (hit.Document is { } stored)
        {
            if (options.Version)
            {
                json.WriteNumber("_version", stored.Version);
            }

            if (options.SeqNo)
            {
                json.WriteNumber("_seq_no", stored.SeqNo);
                json.WriteNumber("_primary_term", WriteOptions.PrimaryTerm);
            }
        }

        json.WriteNumber("_score", hit.Score);
        if (options.Source.Fetch && hit.Document is { } document)
        {
            json.WritePropertyName("_source");
            options.Source.Write(json, document.Source);
        }

        if (queryName is not null)
        {
            json.WriteStartArray("matched_queries");
            json.WriteStringValue(queryName);
            json.WriteEndArray();
        }

        if (hit.Explanation is { } explanation)
        {
            json.WritePropertyName("_explanation");
            WriteExplanation(json, explanation);
        }

        json.WriteEndObject();
    }
}
