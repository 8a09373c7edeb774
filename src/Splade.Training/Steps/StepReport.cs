namespace Splade.Training.Steps;

/// <summary>What a training step was like.</summary>
/// <param name="GradientNorm">L2 over all parameters, before clipping.</param>
internal sealed record StepReport(double Loss, double BaseLoss, double DocumentRegularizer, double QueryRegularizer, double GradientNorm, double LearningRate)
{
    /// <summary>Mean non-zeros of a document of the batch; an estimate where only a sample of the columns took part.</summary>
    public double DocumentTerms { get; init; }

    public double QueryTerms { get; init; }

    /// <summary>Of the parts of a step that are added up; gradient and learning rate are the step's own.</summary>
    public static StepReport Mean(IReadOnlyList<StepReport> parts) => parts.Count == 1
        ? parts[0]
        : new StepReport(parts.Average(p => p.Loss), parts.Average(p => p.BaseLoss), parts.Average(p => p.DocumentRegularizer), parts.Average(p => p.QueryRegularizer), 0, 0)
        {
            DocumentTerms = parts.Average(p => p.DocumentTerms), QueryTerms = parts.Average(p => p.QueryTerms),
        };
}
