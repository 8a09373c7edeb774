using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>
/// The directions in which the teacher's vectors of texts differ most: their mean is taken away and the rest projected on the first eigenvectors of
/// its covariance. Cosines there are what tells texts apart.
/// </summary>
internal sealed class TeacherBasis : IDisposable
{
    private readonly Tensor _mean;
    private readonly Tensor _directions;

    private TeacherBasis(Tensor mean, Tensor directions, double explained)
    {
        (_mean, _directions) = (mean.DetachFromDisposeScope(), directions.DetachFromDisposeScope());
        Explained = explained;
    }

    /// <summary>Share of the variance that the directions have.</summary>
    public double Explained { get; }

    /// <param name="vectors">[texts, size].</param>
    public static TeacherBasis Of(Tensor vectors, int dimensions)
    {
        using var scope = NewDisposeScope();
        var mean = vectors.mean([0], keepdim: true);
        var centred = vectors - mean;

        // Ascending.
        var (values, directions) = linalg.eigh(centred.t().matmul(centred).to(ScalarType.Float64));
        var size = vectors.shape[1];
        var kept = Math.Min(dimensions, size);

        // The sign of an eigenvector is the library's choice: the largest component is made positive.
        var chosen = directions.narrow(1, size - kept, kept).flip(1);
        var largest = chosen.gather(0, chosen.abs().argmax(0, keepdim: true));
        return new TeacherBasis(mean, (chosen * largest.sign()).to(ScalarType.Float32), values.narrow(0, size - kept, kept).sum().item<double>() / values.sum().item<double>());
    }

    /// <returns>[texts, dimensions], of length 1.</returns>
    public Tensor Project(Tensor vectors) => nn.functional.normalize((vectors - _mean).matmul(_directions), dim: 1);

    /// <summary>For vectors of another kind, such as those of single words, with a mean of their own.</summary>
    public Tensor ProjectCentred(Tensor vectors) => nn.functional.normalize((vectors - vectors.mean([0], keepdim: true)).matmul(_directions), dim: 1);

    public void Dispose()
    {
        _mean.Dispose();
        _directions.Dispose();
    }
}
