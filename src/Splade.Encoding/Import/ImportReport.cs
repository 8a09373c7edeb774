namespace Splade.Encoding.Import;

/// <summary>What was imported, and what it makes of the sample texts.</summary>
/// <param name="Weights">Where the weights came from, such as <c>model.safetensors</c>.</param>
/// <param name="Licence">As the package states it; null when it does not.</param>
/// <param name="Bytes">Of the imported folder.</param>
/// <param name="Dimensions">Length of the vectors.</param>
/// <param name="Sample">Of a sparse model; null for a dense one.</param>
/// <param name="Loss">What int8 cost; null without it.</param>
public sealed record ImportReport(
    ModelDescription Model, string Folder, string Architecture, string Weights, string? Licence, long Bytes, int Dimensions, SampleReport? Sample, Int8Loss? Loss)
{
    /// <summary>Queries run through another model than documents.</summary>
    public bool OwnQueryModel { get; init; }
}

/// <summary>Sparsity of the sample's vectors.</summary>
/// <param name="MeanNonZero">Terms of a document on average.</param>
/// <param name="TopTerms">The heaviest terms of <paramref name="Text"/>.</param>
public sealed record SampleReport(int Texts, double MeanNonZero, int MostNonZero, string Text, IReadOnlyList<(string Term, float Weight)> TopTerms);

/// <summary>Int8 vectors against those of the float32 model, over the sample texts.</summary>
/// <param name="MeanCosine">1 means the same direction.</param>
/// <param name="MeanNonZero">Terms of a float32 vector on average; 0 for a dense model.</param>
/// <param name="Int8MeanNonZero">The same of int8.</param>
public sealed record Int8Loss(int Texts, double MeanCosine, double LowestCosine, double MeanNonZero, double Int8MeanNonZero);
