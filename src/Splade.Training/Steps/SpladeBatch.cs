using Splade.Training.Networks;
using static TorchSharp.torch;

namespace Splade.Training.Steps;

/// <summary>A batch of queries with their documents.</summary>
/// <param name="Documents">Positives, then first negatives, second ones, ...; row i belongs to query i.</param>
/// <param name="Labels">The teacher's scores [batch, documents a query]; null without a teacher.</param>
internal sealed record SpladeBatch(TokenBatch Queries, IReadOnlyList<TokenBatch> Documents, Tensor? Labels)
{
    /// <summary>Ids of the vocabulary that take part, int64; null: all.</summary>
    public Tensor? Columns { get; init; }

    /// <summary>How many columns of the vocabulary each of them stands for; null where all take part.</summary>
    public Tensor? ColumnWeights { get; init; }
}
