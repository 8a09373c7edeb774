namespace Splade.Training.Optimization;

/// <summary>Parameters that share a learning rate and a weight decay.</summary>
/// <param name="LearningRate">Peak rate; the schedule gives the share of each step.</param>
internal sealed record ParameterGroup(IReadOnlyList<string> Names, double LearningRate, double WeightDecay)
{
    /// <summary>Biases and layer norms are not decayed.</summary>
    public static bool IsDecayed(string name) =>
        !name.EndsWith(".bias", StringComparison.Ordinal) && !name.Contains("LayerNorm", StringComparison.OrdinalIgnoreCase) && !name.Contains("layer_norm", StringComparison.Ordinal);
}
