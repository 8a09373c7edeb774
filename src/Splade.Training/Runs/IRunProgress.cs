using Splade.Training.Steps;

namespace Splade.Training.Runs;

/// <summary>Where a run tells what it does.</summary>
internal interface IRunProgress
{
    void Message(string text);

    /// <summary>A long piece of work begins.</summary>
    void Begin(string name, int done, int total);

    /// <param name="report">Null where the work has no losses.</param>
    void Advance(int done, StepReport? report = null);

    void End();
}
