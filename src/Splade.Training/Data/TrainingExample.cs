namespace Splade.Training.Data;

/// <summary>A query with a document that answers it and documents that do not.</summary>
/// <param name="Negatives">Best first where they were mined; may be empty.</param>
/// <param name="Scores">The teacher's scores of the positive and of each negative; null without a teacher.</param>
internal sealed record TrainingExample(string Query, string Positive, IReadOnlyList<string> Negatives, float[]? Scores = null)
{
    /// <summary>Differences of the scores are the teacher's, the scores themselves are not.</summary>
    public bool HasMarginsOnly { get; init; }
}
