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
    /// <param name="regularizerScale">Vocabulary size over columns, where the vectors are a sample of the vocabulary's columns.</param>
    public SpladeLossParts Compute(
        Tensor queries, IReadOnlyList<Tensor> documents, Tensor? labels, double documentWeight, double queryWeight, double regularizerScale = 1)
    {
        var ranking = Ranking.Compute(queries, documents, labels);
        var total = ranking;
        Tensor? documentPart = null, queryPart = null;
        if (Documents is not null)
        {
            IEnumerable<Tensor> rows = QueriesAreDocuments ? documents.Prepend(queries) : documents;
            documentPart = Documents.Compute(cat([.. rows], 0)) * (documentWeight * regularizerScale);
            total += documentPart;
        }

        if (Queries is not null && !QueriesAreDocuments)
        {
            queryPart = Queries.Compute(queries) * (queryWeight * regularizerScale);
            total += queryPart;
        }

        return new SpladeLossParts(total, ranking, documentPart, queryPart);
    }
}
