using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>
/// InfoNCE with the other rows of the batch as negatives (multiple negatives ranking loss; van den Oord et al. 2018, Henderson et al. 2017):
/// mean over rows of -log(exp(s(q, p)) / sum of exp(s) over the candidates). With several directions in one sum it is the loss of GTE (Li et al. 2023).
/// </summary>
/// <param name="Scale">Multiplies the similarities: 1 for dot products, 20 for cosines is usual.</param>
/// <param name="Cosine">Cosine instead of the dot product.</param>
/// <param name="Joint">All directions share one sum of candidates; else the mean of one loss for each direction.</param>
internal sealed record InBatchNegativesLoss(
    double Scale = 1, bool Cosine = false, ContrastOf Directions = ContrastOf.QueryToDocument, bool Joint = true) : IRankingLoss
{
    public Tensor Compute(Tensor queries, IReadOnlyList<Tensor> documents, Tensor? labels)
    {
        var positives = documents[0];
        var batch = queries.shape[0];
        var all = documents.Count == 1 ? positives : cat([.. documents], 0);
        var candidates = new List<Tensor>();
        if (Directions.HasFlag(ContrastOf.QueryToDocument))
        {
            candidates.Add(Similarity(queries, all));
        }

        if (Directions.HasFlag(ContrastOf.QueryToQuery))
        {
            candidates.Add(WithoutOwnRow(Similarity(queries, queries), 1));
        }

        if (Directions.HasFlag(ContrastOf.DocumentToQuery))
        {
            candidates.Add(Similarity(positives, queries));
        }

        if (Directions.HasFlag(ContrastOf.DocumentToDocument))
        {
            candidates.Add(WithoutOwnRow(Similarity(positives, all), documents.Count));
        }

        var wanted = Similarity(queries, positives).diagonal();
        return Joint
            ? (cat([.. candidates], 1).logsumexp(1) - wanted).mean()
            : stack([.. candidates.Select(c => (c.logsumexp(1) - wanted).mean())]).mean();

        Tensor WithoutOwnRow(Tensor scores, int repeats) =>
            scores.masked_fill(eye(batch, dtype: ScalarType.Bool).repeat(1, repeats), double.NegativeInfinity);
    }

    private Tensor Similarity(Tensor rows, Tensor columns) => Scores.OfAll(rows, columns, Cosine) * Scale;
}
