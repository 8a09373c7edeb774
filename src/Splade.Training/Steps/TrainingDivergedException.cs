using System.Globalization;

namespace Splade.Training.Steps;

/// <summary>A loss or gradient is no finite number any more. It is raised before the step changes a weight.</summary>
internal sealed class TrainingDivergedException(string message) : Exception(message)
{
    /// <param name="step">0 for the first step.</param>
    /// <param name="gradientNorm">L2 over all parameters, before clipping.</param>
    /// <exception cref="TrainingDivergedException">One of them is not finite.</exception>
    public static void Check(int step, double loss, double gradientNorm)
    {
        if (!double.IsFinite(loss) || !double.IsFinite(gradientNorm))
        {
            throw new TrainingDivergedException(string.Create(
                CultureInfo.InvariantCulture,
                $"Training diverged: step {step + 1} has the loss {loss} and a gradient of norm {gradientNorm}. Start anew with a lower learning rate and another --out."));
        }
    }
}
