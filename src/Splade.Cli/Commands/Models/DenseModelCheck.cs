namespace Splade.Cli.Commands.Models;

/// <summary>What <c>splade model check</c> found of a dense model.</summary>
/// <param name="Length">Of the sample's vector.</param>
/// <param name="Unrelated">Cosine of the sample and a text about something else.</param>
internal sealed record DenseModelCheck(
    string Model,
    string Requested,
    string Provider,
    int Dimensions,
    int Tokens,
    int Passages,
    bool Normalized,
    double Length,
    double Unrelated,
    double LoadMilliseconds,
    double DocumentMilliseconds,
    double QueryMilliseconds,
    double? DeviceDifference,
    string[] Warnings) : IModelCheck;
