namespace Splade.Training.Schedules;

internal enum Warmup
{
    Quadratic,
    Linear,
}

/// <summary>
/// Weight of a regulariser: from 0 to <paramref name="Maximum"/> over the warm-up, lambda(t) = lambda min(1, t / T)^2 (Formal et al. 2021) or linear, then constant.
/// </summary>
/// <param name="WarmupSteps">Length T; at least 1. Null: no warm-up.</param>
internal sealed record WeightSchedule(double Maximum, int? WarmupSteps, Warmup Shape = Warmup.Quadratic)
{
    /// <param name="warmupShare">Share of all steps, rounded down; sentence-transformers takes a third.</param>
    public static WeightSchedule Of(double maximum, int totalSteps, double warmupShare, Warmup shape = Warmup.Quadratic) =>
        new(maximum, Math.Max(1, (int)(totalSteps * warmupShare)), shape);

    /// <param name="step">0 for the first step.</param>
    public double At(int step)
    {
        if (WarmupSteps is not { } warmup || step >= warmup)
        {
            return Maximum;
        }

        var share = (double)step / warmup;
        return Maximum * (Shape == Warmup.Quadratic ? share * share : share);
    }
}
