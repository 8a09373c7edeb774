using static TorchSharp.torch;

namespace Splade.Training.Losses;

/// <summary>Mean squared difference between vectors and a teacher's vectors of the same texts.</summary>
internal static class EmbeddingMse
{
    /// <param name="columns">Vectors, each [batch, vocabulary].</param>
    /// <param name="teachers">A teacher for each column, or one for all.</param>
    public static Tensor Compute(IReadOnlyList<Tensor> columns, IReadOnlyList<Tensor> teachers) =>
        stack([.. columns.Select((c, i) => (c - teachers[teachers.Count == 1 ? 0 : i]).square().mean())]).mean();
}
