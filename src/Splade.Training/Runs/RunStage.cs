namespace Splade.Training.Runs;

/// <summary>What a checkpoint was taken in.</summary>
internal enum RunStage
{
    Pretraining,

    Training,
}
