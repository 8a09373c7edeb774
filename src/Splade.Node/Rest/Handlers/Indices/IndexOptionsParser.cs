using System.Globalization;
using System.Text.Json;
using Splade.Cluster.Protocol.Catalog;
using Splade.Index;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>
/// <c>index_options</c> of a sparse_vector field, and within <c>sparse_vector</c> of a semantic_text field. Elasticsearch's <c>prune</c> is about queries, of
/// which every feature counts here, so only false is taken. Ours is <c>static_pruning</c>: what is left out of document vectors when they are indexed.
/// </summary>
internal static class IndexOptionsParser
{
    private const string Name = "index_options";
    private const string Pruning = "static_pruning";
    private const string Nested = "sparse_vector";
    private static readonly string[] Keys = ["prune", "pruning_config", Pruning];
    private static readonly string[] PruningKeys = ["max_tokens", "min_weight_ratio", "keep_rest"];

    /// <returns>Null where nothing is left out.</returns>
    /// <exception cref="RestException">A mapper_parsing_exception that names field and setting.</exception>
    public static StaticPruning? Parse(string path, FieldType type, JsonPart json)
    {
        if (type == FieldType.SemanticText)
        {
            Check(path, Name, json, [Nested]);
            return json[Nested] is { } nested ? Options(path, nested) : null;
        }

        return Options(path, json);
    }

    public static void Write(Utf8JsonWriter json, FieldMapping field)
    {
        if (field.StaticPruning is not { } pruning)
        {
            return;
        }

        json.WriteStartObject(Name);
        if (field.Type == FieldType.SemanticText)
        {
            json.WriteStartObject(Nested);
        }

        json.WriteStartObject(Pruning);
        if (pruning.MaxFeatures is { } most)
        {
            json.WriteNumber("max_tokens", most);
        }

        if (pruning.MinShareOfLargest > 0)
        {
            json.WriteNumber("min_weight_ratio", pruning.MinShareOfLargest);
        }

        if (pruning.KeepRest)
        {
            json.WriteBoolean("keep_rest", true);
        }

        json.WriteEndObject();
        if (field.Type == FieldType.SemanticText)
        {
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static StaticPruning? Options(string path, JsonPart json)
    {
        Check(path, Name, json, Keys);
        if (json["pruning_config"] is not null || json["prune"] is { ScalarText: not "false" })
        {
            throw Bad(path, $"[prune] is not supported: every feature of a query counts; give [{Pruning}] to leave the weakest features out of documents");
        }

        if (json[Pruning] is not { } pruning)
        {
            return null;
        }

        Check(path, Pruning, pruning, PruningKeys);
        int? most = pruning["max_tokens"] is not { } tokens ? null
            : int.TryParse(tokens.ScalarText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
            : throw Bad(path, $"[max_tokens] must be a positive integer, got [{tokens.ScalarText}]");
        var ratio = pruning["min_weight_ratio"] is not { } share ? 0f
            : float.TryParse(share.ScalarText, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and < 1 ? value
            : throw Bad(path, $"[min_weight_ratio] must be a number from 0 and below 1, got [{share.ScalarText}]");
        var keep = pruning["keep_rest"] is { } rest && (rest.ScalarText is "true" or "false"
            ? rest.ScalarText == "true"
            : throw Bad(path, $"[keep_rest] must be true or false, got [{rest.ScalarText}]"));
        return most is null && ratio == 0
            ? throw Bad(path, $"[{Pruning}] needs [max_tokens] or [min_weight_ratio]")
            : new StaticPruning { MaxFeatures = most, MinShareOfLargest = ratio, KeepRest = keep };
    }

    private static void Check(string path, string name, JsonPart json, string[] known)
    {
        if (!json.IsObject)
        {
            throw Bad(path, $"[{name}] must be an object");
        }

        foreach (var (key, _, _) in json.Members)
        {
            if (!known.Contains(key))
            {
                throw Bad(path, $"unknown setting [{key}] in [{name}]; supported are [{string.Join(", ", known)}]");
            }
        }
    }

    private static RestException Bad(string path, string what) =>
        RestErrors.MapperParsing($"Failed to parse mapping: [{Name}] on mapper [{path}]: {what}");
}
