namespace Splade.Training;

internal enum LossKind
{
    /// <summary>KL where every example has teacher scores, else the in-batch loss.</summary>
    Auto,

    /// <summary>In-batch negatives (InfoNCE).</summary>
    InBatch,

    MarginMse,

    Kl,

    /// <summary>Squared differences of scores.</summary>
    Mse,
}
