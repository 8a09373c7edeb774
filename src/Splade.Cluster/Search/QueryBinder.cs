using System.Collections.Immutable;
using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Encoding;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Search;
using Splade.Encoding;
using Splade.Encoding.Packages;
using Splade.Index;

namespace Splade.Cluster.Search;

/// <summary>Binds a query to an index: fields get their types, texts become vectors.</summary>
internal sealed class QueryBinder(EncodingClient encoding, CollectionStatistics statistics)
{
    /// <exception cref="SearchClusterException">The query does not fit the mapping; the message names the field.</exception>
    public async Task<Query> BindAsync(SearchQuery query, IndexMetadata index, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var bound = await BindClauseAsync(query, index, deadline, cancellationToken).ConfigureAwait(false);
        ImmutableArray<SparseVectorQuery> clauses = bound switch { SparseVectorQuery one => [one], SumQuery sum => sum.Clauses, _ => [] };
        ImmutableArray<string> passages = [.. clauses.Select(c => c.Field).Distinct(StringComparer.Ordinal).Where(f => FieldLookup.Find(index.Mapping, f) is { HasPassages: true })];
        return passages.IsEmpty ? bound : new BestPassageQuery(bound, passages);
    }

    private async Task<Query> BindClauseAsync(SearchQuery query, IndexMetadata index, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        if (!(query.Boost >= 0f) || float.IsInfinity(query.Boost))
        {
            throw Errors.IllegalArgument($"[boost] must be a finite number that is not negative, but is [{query.Boost}]");
        }

        switch (query)
        {
            case MatchAllSearch:
                return new MatchAllQuery(query.Boost);
            case TermSearch term:
                return Term(term, FieldLookup.Find(index.Mapping, term.Field));
            case SparseVectorSearch vector:
                CheckWeights(vector);
                return Sparse(index, vector.Field) is { } mapped ? Whole(query, mapped, new SparseVectorQuery(vector.Field, vector.Vector, query.Boost)) : new MatchNoneQuery();
            case SparseInferenceSearch inference:
                return Sparse(index, inference.Field) is not { } sparse
                    ? new MatchNoneQuery()
                    : await EncodeAsync(
                        inference.Field,
                        inference.Model ?? sparse.InferenceId ?? throw Errors.IllegalArgument("inference_id required to perform vector search on query string"),
                        sparse,
                        inference.Text).ConfigureAwait(false);
            case SemanticSearch semantic:
                return FieldLookup.Find(index.Mapping, semantic.Field) switch
                {
                    null => new MatchNoneQuery(),
                    { Type: FieldType.SemanticText } field => await EncodeAsync(
                        semantic.Field, field.InferenceId ?? ModelRegistry.DefaultModel, field, semantic.Text).ConfigureAwait(false),
                    var field => throw Errors.IllegalArgument($"Field [{semantic.Field}] of type [{field.Type.Name()}] does not support semantic queries: it must be of type [semantic_text]"),
                };
            case SumSearch sum:
                var bound = await Task.WhenAll(sum.Clauses.Select(c => BindClauseAsync(c, index, deadline, cancellationToken))).ConfigureAwait(false);
                ImmutableArray<SparseVectorQuery> clauses = [.. bound.SelectMany(ClausesOf)];
                return clauses.IsEmpty ? new MatchNoneQuery() : new SumQuery(clauses, query.Boost);
            case MatchNoneSearch:
                return new MatchNoneQuery();
            default:
                throw Errors.IllegalArgument($"queries of type [{query.GetType().Name}] are not supported");
        }

        async Task<Query> EncodeAsync(string field, string model, FieldMapping mapped, string text)
        {
            var encoded = await encoding.EncodeQueryAsync(model, mapped.Encoding, text, deadline, cancellationToken).ConfigureAwait(false);
            if (model == mapped.InferenceId && mapped.VectorSpace is { } known && ModelFingerprint.VectorSpaceOf(encoded.Fingerprint) is var found && found != known)
            {
                throw Errors.OtherModel(index.Name, field, model, known, found);
            }

            var features = encoded.ShippedIdf.IsEmpty
                ? encoded.Features
                : await statistics.BlendAsync(index, field, encoded, deadline, cancellationToken).ConfigureAwait(false);
            return Whole(query, mapped, new SparseVectorQuery(field, features, query.Boost));
        }
    }

    /// <summary>The clauses of a bound clause of a sum.</summary>
    /// <exception cref="SearchClusterException">Its score is no sum of products.</exception>
    private static IEnumerable<SparseVectorQuery> ClausesOf(Query bound) => bound switch
    {
        SparseVectorQuery one => [one],
        SumQuery sum => sum.Clauses.Select(c => c with { Boost = c.Boost * sum.Boost }),
        MatchNoneQuery => [],
        _ => throw Errors.IllegalArgument("[bool] [should] takes clauses on vectors, texts and terms"),
    };

    /// <summary>A document's vector is what was kept and what was left out; both together where the query asks for it.</summary>
    private static Query Whole(SearchQuery query, FieldMapping field, SparseVectorQuery kept) =>
        !query.WholeVectors || field.StaticPruning is null ? kept
        : field.StaticPruning.KeepRest ? new SumQuery([kept, kept with { Field = StaticPruning.RestField(kept.Field) }])
        : throw Errors.IllegalArgument($"[whole_vectors] is not possible on field [{kept.Field}]: its [static_pruning] does not [keep_rest]");

    private static void CheckWeights(SparseVectorSearch search)
    {
        foreach (var (feature, weight) in search.Vector)
        {
            if (!(weight > 0f) || float.IsInfinity(weight) || float.IsInfinity(weight * search.Boost))
            {
                throw Errors.IllegalArgument(
                    $"[sparse_vector] the weight of feature [{feature}] must be a positive number and finite, also times the boost of [{search.Boost}], but is [{weight}]");
            }
        }
    }

    private static FieldMapping? Sparse(IndexMetadata index, string field) => FieldLookup.Find(index.Mapping, field) switch
    {
        null => null,
        { Type: FieldType.SparseVector or FieldType.SemanticText } sparse => sparse,
        var other => throw Errors.IllegalArgument($"[{field}] must be type [sparse_vector] but is type [{other.Type.Name()}]"),
    };

    private static Query Term(TermSearch term, FieldMapping? field)
    {
        switch (field)
        {
            case null:
                return new MatchNoneQuery();
            case { Index: false }:
                throw Errors.IllegalArgument($"Cannot search on field [{term.Field}] since it is not indexed.");
            case { Type: FieldType.Text or FieldType.Object }:
                throw Errors.IllegalArgument(
                    $"[term] query on field [{term.Field}] of type [{field.Type.Name()}] is not supported: use a keyword sub-field such as [{term.Field}.keyword], or a semantic_text field");
            case { Type: FieldType.SparseVector or FieldType.SemanticText }:
                return new SparseVectorQuery(term.Field, [new FeatureWeight(term.Value, 1f)], term.Boost);
            default:
                try
                {
                    return new SparseVectorQuery(term.Field, [new FeatureWeight(FieldValues.Canonical(field.Type, field.Format, term.Value), 1f)], term.Boost);
                }
                catch (Exception exception) when (exception is FormatException or OverflowException)
                {
                    throw Errors.Of("query_shard_exception", $"failed to create query: field [{term.Field}] of type [{field.Type.Name()}]: {exception.Message}", 400);
                }
        }
    }
}
