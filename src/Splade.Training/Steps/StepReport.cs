namespace Splade.Training.Steps;

/// <summary>What a training step was like.</summary>
/// <param name="GradientNorm">L2 over all parameters, before clipping.</param>
internal sealed record StepReport(double Loss, double BaseLoss, double DocumentRegularizer, double QueryRegularizer, double GradientNorm, double LearningRate)
{
    /// <summary>Mean non-zeros of a document of the batch; an estimate where only a sample of the columns took part.</summary>
    public double DocumentTerms { get; init; }

    public double QueryTerms { get; init; }
}
