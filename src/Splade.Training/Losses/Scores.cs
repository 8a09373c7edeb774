using static TorchSharp.torch;

namespace Splade.Training.Losses;

internal static class Scores
{
    /// <summary>Score of each row's query with each of its own documents: [batch, columns].</summary>
    public static Tensor OfRows(Tensor queries, IReadOnlyList<Tensor> documents) =>
        stack([.. documents.Select(d => (queries * d).sum(-1))], 1);

    /// <summary>Every row of one with every row of the other: [rows, columns].</summary>
    public static Tensor OfAll(Tensor rows, Tensor columns, bool cosine) =>
        cosine ? Unit(rows).matmul(Unit(columns).t()) : rows.matmul(columns.t());

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows, p: 2, dim: 1, eps: 1e-12);
}
