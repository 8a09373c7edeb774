namespace Splade.Encoding.Packages;

/// <summary>Which similarity a sparse package asks for (config_sentence_transformers.json); dot where it says nothing.</summary>
internal static class SimilarityFunction
{
    private const string Setting = "similarity_fn_name";

    /// <exception cref="ModelPackageException">One that is no sum of products.</exception>
    public static Similarity Read(PackageFiles files) => JsonFields.Text(files.ReadObject(Prompts.File), Setting) switch
    {
        null or "dot" or "dot_score" => Similarity.Dot,
        "cosine" or "cos_sim" => Similarity.Cosine,
        var other => throw files.Error(
            Prompts.File, $"{Setting} is [{other}], by which sparse vectors can't be searched; known are dot and cosine. Set it to dot if the model was trained for that."),
    };
}
