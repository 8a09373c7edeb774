using System.Text.Json.Serialization;

namespace Splade.Encoding.Benchmarking;

/// <summary>Encoding throughput; medians of interleaved rounds over the same texts.</summary>
/// <param name="DocumentsPerSecond">From text to pruned sparse vector, or to dense vector.</param>
/// <param name="TokensPerSecond">The same in tokens, padding left out.</param>
/// <param name="BareSessionDocumentsPerSecond">
/// An ONNX Runtime session alone, with the same graph and the same batches, one after the other with all its threads.
/// </param>
/// <param name="NaiveDocumentsPerSecond">
/// Texts in their order by eights, padded to the longest; raw logits copied out and pooled by plain loops. Of a graph that gives its vectors, those.
/// </param>
/// <param name="PaddingShare">Of what the model computes.</param>
/// <param name="ProcessorSecondsPerDocument">Not in JSON, whose fields scripts rely on.</param>
public sealed record ModelBenchmarkResult(
    double DocumentsPerSecond,
    double TokensPerSecond,
    double BareSessionDocumentsPerSecond,
    double NaiveDocumentsPerSecond,
    double PaddingShare,
    [property: JsonIgnore] ProcessorTime ProcessorSecondsPerDocument)
{
    /// <summary>Null where it was not measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QueryBenchmarkResult? QueryLatency { get; init; }
}

/// <summary>Seconds of all cores together: what counts where other work waits for them.</summary>
public sealed record ProcessorTime(double EndToEnd, double BareSession, double Naive);
