namespace Splade.Training.Schedules;

/// <summary>Learning rate: linear from 0 over the warm-up, then linear to 0 at <paramref name="TotalSteps"/>.</summary>
internal sealed record LearningRateSchedule(int WarmupSteps, int TotalSteps)
{
    /// <summary>Share of the peak rate.</summary>
    /// <param name="step">0 for the first step, which runs at rate 0 when there is a warm-up.</param>
    public double At(int step) => step < WarmupSteps
        ? (double)step / WarmupSteps
        : Math.Max(0, (double)(TotalSteps - step) / Math.Max(1, TotalSteps - WarmupSteps));
}
