using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>The parts of a step's loss, weighted; <see cref="Total"/> is their sum.</summary>
internal sealed record SpladeLossParts(Tensor Total, Tensor Base, Tensor? Documents, Tensor? Queries);

/// <summary>
/// A ranking loss plus a sparsity regulariser for documents and one for queries (Formal et al. 2021). Positives and all negatives are one batch of documents.
/// </summary>
/// <param name="Queries">Null where queries are inference-free and so are sparse by themselves.</param>
internal sealed record SpladeLoss(IRankingLoss Ranking, SparsityRegularizer? Documents, SparsityRegularizer? Queries)
{
    /// <summary>Queries are taken for documents and share their regulariser, as for symmetric pairs.</summary>
    public bool QueriesAreDocuments { get; init; }

    /// <param name="documentWeight">Lambda of this step; see <see cref="Schedules.WeightSchedule"/>.</param>
    /// <param name="queryWeight">As above.</param>
    /// <param name="columnWeights">As <see cref="SparsityRegularizer.Compute"/> takes them.</param>
    public SpladeLossParts Compute(
        Tensor queries, IReadOnlyList<Tensor> documents, Tensor? labels, double documentWeight, double queryWeight, Tensor? columnWeights = null)
    {
        var ranking = Ranking.Compute(queries, documents, labels);
        var total = ranking;
        Tensor? documentPart = null, queryPart = null;
        if (Documents is not null)
        {
            IEnumerable<Tensor> rows = QueriesAreDocuments ? documents.Prepend(queries) : documents;
            documentPart = Documents.Compute(cat([.. rows], 0), columnWeights) * documentWeight;
            total += documentPart;
        }

        if (Queries is not null && !QueriesAreDocuments)
        {
            queryPart = Queries.Compute(queries, columnWeights) * queryWeight;
            total += queryPart;
        }

        return new SpladeLossParts(total, ranking, documentPart, queryPart);
    }
}
