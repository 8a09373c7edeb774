using Splade.Training.Runs;

namespace Splade.Training.Checkpoints;

/// <summary>Where a run was when its checkpoint was written.</summary>
/// <param name="Step">Steps of the stage that are done.</param>
internal sealed record CheckpointState(RunStage Stage, int Step);
