using System.Text.Json.Serialization;

namespace Splade.Training.Tuning;

/// <summary>One point of a sweep: a model with a pruning, measured on a collection.</summary>
/// <param name="Lambda">Weight of the document regulariser that it was trained with; null for a model that was given.</param>
/// <param name="Pruning">As in <c>top_k=64</c>; <c>none</c> for whole vectors.</param>
/// <param name="DocumentTerms">Mean non-zeros of a document.</param>
/// <param name="Flops">Mean number of terms that a query and a document share: sum over terms of both probabilities (Formal et al. 2021).</param>
/// <param name="IndexGigabytesPerMillion">Size of the index on disk, without stored texts, scaled to a million documents; 10^9 bytes.</param>
internal sealed record TuneRow(
    [property: JsonPropertyName("data")] string Data,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("lambda_d")] double? Lambda,
    [property: JsonPropertyName("pruning")] string Pruning,
    [property: JsonPropertyName("queries")] int Queries,
    [property: JsonPropertyName("ndcg@10")] double Ndcg10,
    [property: JsonPropertyName("mrr@10")] double Mrr10,
    [property: JsonPropertyName("recall@10")] double Recall10,
    [property: JsonPropertyName("recall@100")] double Recall100,
    [property: JsonPropertyName("recall@1000")] double Recall1000,
    [property: JsonPropertyName("document_terms")] double DocumentTerms,
    [property: JsonPropertyName("query_terms")] double QueryTerms,
    [property: JsonPropertyName("flops")] double Flops,
    [property: JsonPropertyName("index_gb_per_million")] double IndexGigabytesPerMillion);
