using Splade.Training.Runs;
using Splade.Training.Steps;

namespace Splade.Training.Tests;

/// <summary>Says nothing; stops or fails a run after some steps.</summary>
internal sealed class SilentProgress : IRunProgress
{
    private int _steps;

    public CancellationTokenSource? Stop { get; init; }

    /// <summary>Cancels when so many steps are done.</summary>
    public int StopAfter { get; init; } = int.MaxValue;

    /// <summary>Fails when so many steps are done, without a chance to write a checkpoint.</summary>
    public int KillAfter { get; init; } = int.MaxValue;

    /// <summary>Fails at the message that starts so.</summary>
    public string? KillAt { get; init; }

    public void Message(string text)
    {
        if (KillAt is not null && text.StartsWith(KillAt, StringComparison.Ordinal))
        {
            throw new KilledException();
        }
    }

    public void Begin(string name, int done, int total)
    {
    }

    public void Advance(int done, StepReport? report)
    {
        _steps += report is null ? 0 : 1;
        if (_steps >= StopAfter)
        {
            Stop!.Cancel();
        }

        if (_steps >= KillAfter)
        {
            throw new KilledException();
        }
    }

    public void End()
    {
    }
}

internal sealed class KilledException : Exception;
