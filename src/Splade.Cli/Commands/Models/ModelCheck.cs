namespace Splade.Cli.Commands.Models;

/// <summary>What <c>splade model check</c> found.</summary>
/// <param name="Passages">That the sample is cut into where nothing is said about it.</param>
internal sealed record ModelCheck(
    string Model,
    string Requested,
    string Provider,
    int VocabularySize,
    int Tokens,
    int Passages,
    int DocumentNonZerosBeforePruning,
    int DocumentNonZeros,
    int QueryNonZerosBeforePruning,
    int QueryNonZeros,
    TermWeight[] DocumentTerms,
    TermWeight[] QueryTerms,
    string Similarity,
    double LoadMilliseconds,
    double DocumentMilliseconds,
    double QueryMilliseconds,
    double? DeviceDifference,
    string[] Warnings) : IModelCheck
{
    /// <summary>Two devices sum in different orders and, on newer GPUs, in TF32; more than this is a fault.</summary>
    public const double LargestDifference = 0.02;
}

internal sealed record TermWeight(string Term, float Weight);
