using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>A loss over queries, their positives and their negatives.</summary>
internal interface IRankingLoss
{
    /// <param name="queries">[batch, vocabulary].</param>
    /// <param name="documents">The positives, then the first negatives of all rows, then the second ones, ...; each [batch, vocabulary].</param>
    /// <param name="labels">The teacher's word, [batch, columns]; null where the loss needs none.</param>
    /// <returns>A scalar with a gradient.</returns>
    Tensor Compute(Tensor queries, IReadOnlyList<Tensor> documents, Tensor? labels);
}
