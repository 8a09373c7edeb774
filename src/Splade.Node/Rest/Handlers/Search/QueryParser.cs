using System.Collections.Immutable;
using System.Text.Json;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Catalog;
using Splade.Index;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>Reads the query of a search body, against the mappings of the indices that are searched.</summary>
internal sealed class QueryParser(IReadOnlyList<IndexMetadata> indices)
{
    private static readonly string[] Queries = ["match_all", "match_none", "term", "match", "semantic", "sparse_vector", "neural_sparse", "bool"];

    private static readonly FieldType[] TermTypes =
    [
        FieldType.Keyword, FieldType.Integer, FieldType.Long, FieldType.Float, FieldType.Double, FieldType.Boolean, FieldType.Date,
        FieldType.SemanticText, FieldType.SparseVector,
    ];

    /// <summary>No query means all documents.</summary>
    public SearchQuery Parse(JsonPart? query)
    {
        if (query is null)
        {
            return new MatchAllSearch();
        }

        if (!query.IsObject)
        {
            throw query.Error("[query] malformed, no start_object after query name");
        }

        if (query.Members.Count != 1)
        {
            throw query.Error(query.Members.Count == 0
                ? "query malformed, empty clause found"
                : $"[{query.Members[0].Name}] malformed query, expected [END_OBJECT] but found [{query.Members[1].Name}]: give one query");
        }

        var (name, body, _) = query.Members[0];
        if (!Queries.Contains(name))
        {
            throw query.Error($"unknown query [{name}]{DidYouMean.SuggestOrList(name, Queries)}");
        }

        if (!body.IsObject)
        {
            throw body.Error($"[{name}] query malformed, no start_object after query name");
        }

        return name switch
        {
            "match_all" => MatchAll(body),
            "match_none" => MatchNone(body),
            "term" => Term(body),
            "match" => Match(body),
            "semantic" => Semantic(body),
            "sparse_vector" => SparseVector(body),
            "neural_sparse" => NeuralSparse(body),
            _ => Bool(body),
        };
    }

    private static SearchQuery MatchAll(JsonPart body)
    {
        body.RefuseUnknown("match_all", "boost", "_name");
        return Common(new MatchAllSearch(), body);
    }

    /// <summary>Optional clauses, whose scores are summed in one pass.</summary>
    private SearchQuery Bool(JsonPart body)
    {
        foreach (var (name, value, _) in body.Members)
        {
            if (name is "must" or "filter" or "must_not")
            {
                throw value.Error($"[bool] [{name}] is not supported yet: give [should] clauses", "illegal_argument_exception");
            }
        }

        body.RefuseUnknown("bool", "should", "minimum_should_match", "boost", "_name");
        if (body["minimum_should_match"] is { ScalarText: not "1" } minimum)
        {
            throw minimum.Error("[bool] [minimum_should_match] other than [1] is not supported", "illegal_argument_exception");
        }

        var should = body["should"] is not { } clausesOf ? [] : clausesOf.Kind == JsonValueKind.Array ? clausesOf.Items : [clausesOf];
        if (should.Count == 0)
        {
            return Common(new MatchAllSearch(), body);
        }

        var clauses = ImmutableArray.CreateBuilder<SearchQuery>(should.Count);
        foreach (var part in should)
        {
            var clause = Parse(part);
            if (clause is MatchAllSearch || clause.Name is not null)
            {
                throw part.Error(
                    clause.Name is null ? "[bool] [should] does not support [match_all] clauses" : "[_name] is not supported in clauses of [bool]: name the [bool] itself",
                    "illegal_argument_exception");
            }

            clauses.Add(clause);
        }

        // As exact as the most exact clause asks for.
        var approximations = clauses.Select(c => c.Approximation).ToArray();
        return Common(new SumSearch(clauses.MoveToImmutable()), body) with
        {
            Approximation = approximations.Contains(null) ? null : new Approximation(
                approximations.Max(a => a!.BoundScale), approximations.Any(a => a!.MaxSuperblocks is null) ? null : approximations.Max(a => a!.MaxSuperblocks)),
        };
    }

    private static SearchQuery MatchNone(JsonPart body)
    {
        body.RefuseUnknown("match_none", "boost", "_name");
        return Common(new MatchNoneSearch(), body);
    }

    private SearchQuery Term(JsonPart body)
    {
        var (field, options) = OneField("term", body);
        RequireType("term", field, body, TermTypes);
        if (!options.IsObject)
        {
            return new TermSearch(field, TermValue(options, field));
        }

        options.RefuseUnknown("term", "value", "boost", "_name");
        var value = options["value"] ?? throw options.Error($"[term] query on [{field}] requires [value]");
        return Common(new TermSearch(field, TermValue(value, field)), options);
    }

    private static string TermValue(JsonPart value, string field) => value.Kind switch
    {
        JsonValueKind.Null => throw value.Error($"[term] query on [{field}]: value cannot be null", "illegal_argument_exception"),
        JsonValueKind.Array or JsonValueKind.Object => throw value.Error($"[term] query on [{field}] does not support array of values or objects"),
        _ => value.ScalarText!,
    };

    private SearchQuery Match(JsonPart body)
    {
        var (field, options) = OneField("match", body);
        RequireType("match", field, body, FieldType.SemanticText);
        if (!options.IsObject)
        {
            return new SemanticSearch(field, QueryText(options, "match", "query"));
        }

        options.RefuseUnknown("match", "query", "boost", "_name");
        return Common(new SemanticSearch(field, RequiredText(options, "match", "query")), options);
    }

    private SearchQuery Semantic(JsonPart body)
    {
        body.RefuseUnknown("semantic", "field", "query", MethodParameters.Name, "boost", "_name");
        var field = RequiredText(body, "semantic", "field");
        RequireType("semantic", field, body, FieldType.SemanticText);
        return Common(new SemanticSearch(field, RequiredText(body, "semantic", "query")), body);
    }

    private SearchQuery SparseVector(JsonPart body)
    {
        body.RefuseUnknown("sparse_vector", "field", "query_vector", "inference_id", "query", MethodParameters.Name, "boost", "_name", "prune", "pruning_config");
        var field = RequiredText(body, "sparse_vector", "field");
        RequireType("sparse_vector", field, body, FieldType.SparseVector, FieldType.SemanticText);
        if (body["prune"]?.AsBoolean("prune") == true || body["pruning_config"] is not null)
        {
            throw body.Error("[sparse_vector] [prune] is not supported: every feature of a query counts", "illegal_argument_exception");
        }

        switch (body["query_vector"], body["query"])
        {
            case ({ } vector, null):
                return body["inference_id"] is null
                    ? Common(new SparseVectorSearch(field, Vector(vector, "query_vector")), body)
                    : throw body.Error("[sparse_vector] takes [inference_id] only with [query]", "illegal_argument_exception");
            case (null, { } text):
                var model = body["inference_id"]?.AsString("inference_id");
                if (model is null && indices.Any(i => FieldTypes.Find(i.Mapping, field)?.Type == FieldType.SparseVector))
                {
                    throw body.Error("inference_id required to perform vector search on query string", "illegal_argument_exception");
                }

                return Common(new SparseInferenceSearch(field, model, QueryText(text, "sparse_vector", "query")), body);
            default:
                throw body.Error("[sparse_vector] requires one of [query_vector] or [query]", "illegal_argument_exception");
        }
    }

    private SearchQuery NeuralSparse(JsonPart body)
    {
        var (field, options) = OneField("neural_sparse", body);
        if (!options.IsObject)
        {
            throw options.Error($"[neural_sparse] query malformed, [{field}] must be an object");
        }

        options.RefuseUnknown("neural_sparse", "query_text", "query_tokens", "model_id", MethodParameters.Name, "boost", "_name");
        RequireType("neural_sparse", field, body, FieldType.SparseVector, FieldType.SemanticText);
        return (options["query_tokens"], options["query_text"]) switch
        {
            ({ } tokens, null) => Common(new SparseVectorSearch(field, Vector(tokens, "query_tokens")), options),
            (null, { } text) => Common(
                new SparseInferenceSearch(field, options["model_id"]?.AsString("model_id"), QueryText(text, "neural_sparse", "query_text")), options),
            _ => throw options.Error("[neural_sparse] requires one of [query_tokens] or [query_text]", "illegal_argument_exception"),
        };
    }

    private static ImmutableArray<FeatureWeight> Vector(JsonPart vector, string name)
    {
        if (!vector.IsObject)
        {
            throw vector.Error($"[{name}] must be an object of features and weights");
        }

        var features = ImmutableArray.CreateBuilder<FeatureWeight>(vector.Members.Count);
        foreach (var (feature, value, _) in vector.Members)
        {
            if (feature.Length == 0)
            {
                throw value.Error($"[{name}] has a feature without a name", "illegal_argument_exception");
            }

            var weight = value.Kind == JsonValueKind.Number
                ? value.AsFloat(feature)
                : throw value.Error($"[{name}] weight of [{feature}] must be a number", "illegal_argument_exception");
            features.Add(weight > 0
                ? new FeatureWeight(feature, weight)
                : throw value.Error($"[{name}] weight of [{feature}] must be positive, but is [{value.Text}]", "illegal_argument_exception"));
        }

        return features.MoveToImmutable();
    }

    private static (string Field, JsonPart Options) OneField(string query, JsonPart body) => body.Members switch
    {
        [var (field, options, _)] => (field, options),
        [] => throw body.Error($"[{query}] query malformed, no field"),
        [var (first, _, _), var (second, _, _), ..] => throw body.Error($"[{query}] query doesn't support multiple fields, found [{first}] and [{second}]"),
    };

    /// <summary>An index without the field has no matches; one with a field that the query can't use is an error.</summary>
    private void RequireType(string query, string field, JsonPart at, params ReadOnlySpan<FieldType> types)
    {
        if (field.StartsWith('_'))
        {
            throw at.Error($"[{query}] query on [{field}] is not supported: name a field of the mapping", "illegal_argument_exception");
        }

        foreach (var index in indices)
        {
            if (FieldTypes.Find(index.Mapping, field) is { } mapped && !types.Contains(mapped.Type))
            {
                var wanted = string.Join(" or ", types.ToArray().Select(t => $"[{FieldTypes.Name(t)}]"));
                var error = at.Error(
                    $"[{query}] field [{field}] must be type {wanted} but is type [{FieldTypes.Name(mapped.Type)}] in index [{index.Name}]", "illegal_argument_exception");
                throw new RestException(error.Error with { Details = [.. error.Error.Details, ("index", index.Name)] });
            }
        }
    }

    private static string RequiredText(JsonPart body, string query, string name) =>
        QueryText(body[name] ?? throw body.Error($"[{query}] query requires [{name}]", "illegal_argument_exception"), query, name);

    private static string QueryText(JsonPart value, string query, string name) =>
        value.ScalarText is { } text ? text : throw value.Error($"[{query}] [{name}] must be a text");

    private static SearchQuery Common(SearchQuery query, JsonPart options)
    {
        var boost = options["boost"]?.AsFloat("boost") ?? 1f;
        return boost < 0
            ? throw options["boost"]!.Error($"negative [boost] are not allowed, got [{boost}]", "illegal_argument_exception")
            : query with { Boost = boost, Name = options["_name"]?.AsString("_name"), Approximation = MethodParameters.Parse(options), WholeVectors = MethodParameters.WholeVectors(options) };
    }
}
