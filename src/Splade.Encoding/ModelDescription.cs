namespace Splade.Encoding;

/// <summary>What a model package is.</summary>
/// <param name="Name">Name under which mappings refer to it (<c>inference_id</c>).</param>
/// <param name="Provider">Effective execution provider: <c>CPU</c> or <c>CUDA</c>.</param>
/// <param name="Fingerprint">Of the package's files: see <see cref="Packages.ModelFingerprint"/>.</param>
public sealed record ModelDescription(
    string Name, int VocabularySize, int MaxTokens, bool InferenceFreeQueries, string Provider, string Fingerprint)
{
    public ModelTask Task { get; init; }

    /// <summary>Of a sparse model's vectors.</summary>
    public Similarity Similarity { get; init; }
}
