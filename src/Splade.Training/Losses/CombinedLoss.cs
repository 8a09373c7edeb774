using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>A loss plus another one, weighted.</summary>
internal sealed record CombinedLoss(IRankingLoss First, IRankingLoss Second, double SecondWeight) : IRankingLoss
{
    public Tensor Compute(Tensor queries, IReadOnlyList<Tensor> documents, Tensor? labels) =>
        First.Compute(queries, documents, labels) + (Second.Compute(queries, documents, labels) * SecondWeight);
}
