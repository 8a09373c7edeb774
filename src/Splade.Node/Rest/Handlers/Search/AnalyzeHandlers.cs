using System.Text.Json;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>What a model makes of a text.</summary>
internal static class AnalyzeHandlers
{
    private const int MaxTexts = 100;

    public static IEnumerable<Route> Routes => Route.Paths("/_analyze | /{index}/_analyze").Select(p =>
        new Route(["GET", "POST"], p, "Tokens of a text and its expansion with weights", AnalyzeAsync)
        {
            Parameters = ["source", "source_content_type"], Body = BodyKind.Json,
        });

    private static async Task<RestResponse> AnalyzeAsync(RestRequest request)
    {
        var body = await request.RequireJsonAsync("analyze").ConfigureAwait(false);
        body.RefuseUnknown("analyze", "text", "model", "field", "side");
        var texts = (body["text"] ?? throw RestErrors.Validation("text is missing")).AsStrings("text");
        if (texts.Count is 0 or > MaxTexts)
        {
            throw RestErrors.IllegalArgument($"[text] must be a text or a list of 1 to {MaxTexts} texts");
        }

        var asQuery = body["side"]?.AsString("side") switch
        {
            null or "document" => false,
            "query" => true,
            var other => throw body["side"]!.Error($"[side] must be [document] or [query], but is [{other}]", "illegal_argument_exception"),
        };
        var (model, settings) = Model(request, body);
        var analyzed = new List<TextAnalyzed>();
        foreach (var text in texts)
        {
            var result = await request.Cluster.AnalyzeAsync(model, settings, text, asQuery, request.Aborted).ConfigureAwait(false);
            analyzed.Add(result.Error is { } error ? throw new RestException(RestErrors.Of(error)) : result);
        }

        return RestResponse.OfJson(json => Write(json, model, texts, analyzed));
    }

    private static void Write(Utf8JsonWriter json, string model, IReadOnlyList<string> texts, List<TextAnalyzed> analyzed)
    {
        json.WriteStartObject();
        json.WriteString("model", model);
        json.WriteStartArray("tokens");
        var position = 0;
        var offset = 0;
        for (var i = 0; i < texts.Count; i++)
        {
            foreach (var token in analyzed[i].Tokens)
            {
                json.WriteStartObject();
                json.WriteString("token", token.Token);
                json.WriteNumber("start_offset", offset + token.Start);
                json.WriteNumber("end_offset", offset + token.End);
                json.WriteString("type", "word");
                json.WriteNumber("position", position++);
                json.WriteEndObject();
            }

            // As the dialect has it: several texts count as one, with a gap between them.
            offset += texts[i].Length + 1;
        }

        json.WriteEndArray();
        json.WriteStartArray("expansion");
        var expansion = analyzed.SelectMany(a => a.Expansion)
            .GroupBy(f => f.Feature, StringComparer.Ordinal)
            .Select(g => (Feature: g.Key, Weight: g.Max(f => f.Weight)))
            .OrderByDescending(f => f.Weight)
            .ThenBy(f => f.Feature, StringComparer.Ordinal);
        foreach (var (feature, weight) in expansion)
        {
            json.WriteStartObject();
            json.WriteString("token", feature);
            json.WriteNumber("weight", weight);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("non_zeros");
        json.WriteNumber("before_pruning", analyzed.Sum(a => a.UnprunedCount));
        json.WriteNumber("after_pruning", analyzed.Sum(a => a.Expansion.Length));
        json.WriteEndObject();
        json.WriteNumber("passages", analyzed.Sum(a => a.Passages));
        json.WriteBoolean("truncated", analyzed.Any(a => a.Truncated));
        json.WriteEndObject();
    }

    /// <summary>
    /// The model that the body names, else the field's with its settings, else the index's only one, else the cluster's only one.
    /// </summary>
    private static (string Model, EncodingSettings Settings) Model(RestRequest request, JsonPart body)
    {
        if (body["model"] is { } named)
        {
            return body["field"] is null ? (named.AsString("model"), EncodingSettings.Default) : throw body.Error("[analyze] takes one of [model] and [field]");
        }

        var index = request.Part("index") is null ? null : request.RequireIndex();
        if (body["field"]?.AsString("field") is { } path)
        {
            if (index is null)
            {
                throw RestErrors.IllegalArgument("[field] needs an index in the path: POST /{index}/_analyze");
            }

            return FieldTypes.Find(index.Mapping, path) is { InferenceId: { } model } field
                ? (model, field.Encoding)
                : throw RestErrors.IllegalArgument($"field [{path}] of index [{index.Name}] is no semantic_text field: it has no model");
        }

        var candidates = (index is null ? request.Cluster.Nodes.Models.Select(m => m.Name) : Models(index.Mapping.Fields.Values)).Distinct().Take(10).ToArray();
        return candidates switch
        {
            [var only] => (only, EncodingSettings.Default),
            [] => throw RestErrors.IllegalArgument(
                index is null ? "no encoder node offers a model: start a node with the encoder role" : $"index [{index.Name}] has no semantic_text field: name a [model]"),
            _ => throw RestErrors.IllegalArgument($"name one of the models [{string.Join(", ", candidates)}] as [model]"),
        };
    }

    private static IEnumerable<string> Models(IEnumerable<FieldMapping> fields) => fields.SelectMany(f =>
        Models(f.Properties.Values).Concat(Models(f.SubFields.Values)).Concat(f.InferenceId is { } model ? [model] : []));
}
