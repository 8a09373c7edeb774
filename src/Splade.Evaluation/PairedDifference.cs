namespace Splade.Evaluation;

/// <summary>Difference of two systems over the same queries.</summary>
/// <param name="Mean">Of the second minus the first.</param>
/// <param name="StandardError">Sample standard deviation of the differences over the root of their number; 0 for one query.</param>
public sealed record PairedDifference(double Mean, double StandardError)
{
    /// <param name="first">A measure of each query.</param>
    /// <param name="second">The same measure of the same queries, in the same order.</param>
    public static PairedDifference Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count || first.Count == 0)
        {
            throw new ArgumentException($"Pairs are needed; there are {first.Count} and {second.Count} values.", nameof(second));
        }

        double[] differences = [.. first.Zip(second, (a, b) => b - a)];
        var mean = differences.Average();
        var count = differences.Length;
        return new PairedDifference(mean, count == 1 ? 0 : Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (count - 1) / count));
    }
}
