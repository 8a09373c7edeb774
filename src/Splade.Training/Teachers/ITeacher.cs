namespace Splade.Training.Teachers;

/// <summary>A model that knows better which documents answer a query.</summary>
internal interface ITeacher : IDisposable
{
    /// <returns>A score for each document; higher is better.</returns>
    float[] Score(string query, IReadOnlyList<string> documents);
}
