using System.Globalization;
using System.Text.Json;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>
/// How a semantic field's texts are encoded: <c>sparse_encoding_config</c> in OpenSearch's words (prune_type, prune_ratio; ours with a query_ before
/// them for queries), <c>chunking_settings</c> in Elasticsearch's, with sizes in tokens of the model.
/// </summary>
internal static class EncodingParser
{
    private static readonly string[] PruningKeys = ["prune_type", "prune_ratio", "query_prune_type", "query_prune_ratio"];
    private static readonly string[] ChunkingKeys = ["strategy", "max_chunk_size", "overlap", "sentence_overlap", "max_chunk_limit", "scoring"];

    public static FieldMapping Pruning(string path, FieldMapping field, JsonPart json)
    {
        const string name = "sparse_encoding_config";
        Check(path, name, json, PruningKeys);
        return Checked(path, name, () => field with
        {
            Pruning = PruneSettings.Parse(Text(json, "prune_type"), Number(json, "prune_ratio")),
            QueryPruning = PruneSettings.Parse(Text(json, "query_prune_type"), Number(json, "query_prune_ratio"), "query_"),
        });
    }

    public static ChunkingSettings Chunking(string path, JsonPart json)
    {
        const string name = "chunking_settings";
        Check(path, name, json, ChunkingKeys);
        return Checked(path, name, () => ChunkingSettings.Parse(
            Text(json, "strategy"),
            Whole(json, "max_chunk_size"),
            Whole(json, "overlap"),
            Whole(json, "sentence_overlap"),
            Whole(json, "max_chunk_limit"),
            Text(json, "scoring")));
    }

    public static void Write(Utf8JsonWriter json, FieldMapping field)
    {
        if (field.Pruning is not null || field.QueryPruning is not null)
        {
            json.WriteStartObject("sparse_encoding_config");
            Write(json, "", field.Pruning);
            Write(json, "query_", field.QueryPruning);
            json.WriteEndObject();
        }

        if (field.Chunking is { } chunking)
        {
            json.WriteStartObject("chunking_settings");
            json.WriteString("strategy", chunking.StrategyName);
            if (chunking.MaxChunkSize is { } size)
            {
                json.WriteNumber("max_chunk_size", size);
            }

            if (chunking.Strategy != ChunkingStrategy.None)
            {
                json.WriteNumber(chunking.Strategy == ChunkingStrategy.Word ? "overlap" : "sentence_overlap", chunking.Overlap);
                json.WriteNumber("max_chunk_limit", chunking.MaxChunks);
                if (chunking.Scoring != PassageScoring.Document)
                {
                    json.WriteString("scoring", chunking.ScoringName);
                }
            }

            json.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter json, string prefix, PruneSettings? pruning)
    {
        if (pruning is null)
        {
            return;
        }

        json.WriteString(prefix + "prune_type", pruning.TypeName);
        if (pruning.Type != PruneType.None)
        {
            json.WriteNumber(prefix + "prune_ratio", pruning.Ratio);
        }
    }

    private static T Checked<T>(string path, string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException exception)
        {
            throw RestErrors.MapperParsing($"Failed to parse mapping: [{name}] on mapper [{path}]: {exception.Message}");
        }
    }

    private static void Check(string path, string name, JsonPart json, string[] known)
    {
        if (!json.IsObject)
        {
            throw RestErrors.MapperParsing($"Failed to parse mapping: [{name}] on mapper [{path}] must be an object");
        }

        foreach (var (key, _, _) in json.Members)
        {
            if (!known.Contains(key))
            {
                throw RestErrors.MapperParsing(
                    $"Failed to parse mapping: unknown setting [{key}] in [{name}] on mapper [{path}]; supported are [{string.Join(", ", known)}]");
            }
        }
    }

    private static string? Text(JsonPart json, string name) =>
        json[name] is not { } value ? null : value.Kind == JsonValueKind.String ? value.Text : throw new FormatException($"[{name}] must be a string");

    private static double? Number(JsonPart json, string name) =>
        json[name] is not { } value ? null
        : double.TryParse(value.ScalarText, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : throw new FormatException($"[{name}] must be a number");

    private static int? Whole(JsonPart json, string name) =>
        json[name] is not { } value ? null
        : int.TryParse(value.ScalarText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"[{name}] must be a whole number");
}
