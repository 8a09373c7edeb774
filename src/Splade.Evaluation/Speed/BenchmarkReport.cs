using System.Text.Json;
using System.Text.Json.Serialization;
using Splade.Index;

namespace Splade.Evaluation.Speed;

/// <summary>What a benchmark found. Names and order of the properties are a contract: other programs read the JSON.</summary>
/// <param name="Documents">Documents indexed.</param>
/// <param name="Terms">Different features among them.</param>
/// <param name="Postings">Non-zeros.</param>
/// <param name="BuildSeconds">From the file to the merged, reordered and durable index.</param>
/// <param name="IndexBytes">Bytes of its files.</param>
/// <param name="BytesPerPosting">The same by posting.</param>
/// <param name="ResidentBytes">Bytes of the mapped files that were in memory after the searches; 0 where the system doesn't tell.</param>
/// <param name="Results">One for each mode, setting and k.</param>
public sealed record BenchmarkReport(
    long Documents,
    long Terms,
    long Postings,
    double BuildSeconds,
    long IndexBytes,
    double BytesPerPosting,
    long ResidentBytes,
    IReadOnlyList<BenchmarkResult> Results)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Bytes of each part of the files, e.g. of ids or of bounds; no part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<PartSize> Parts { get; init; } = [];

    /// <summary>What opening the files takes, in milliseconds, without and with a check of every section; no part of the JSON.</summary>
    [JsonIgnore]
    public (double Unchecked, double Checked) OpenMillis { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>One way to search, at one depth. Times are medians over the passes for each query; then mean and percentiles over the queries.</summary>
/// <param name="Mode"><c>exact</c>, <c>approximate</c> or <c>yardstick</c>.</param>
/// <param name="Setting">The dial of the approximate mode; empty else.</param>
/// <param name="K">Hits asked for.</param>
/// <param name="MeanMicros">Mean latency.</param>
/// <param name="P50Micros">Median latency.</param>
/// <param name="P99Micros">99th percentile of the latencies.</param>
/// <param name="Recall">Share of the true top k that was found, mean over queries that match anything. The truth is the ranking by the weights as they stand in the files, in
/// double precision, ties by ascending row.</param>
/// <param name="Postings">Postings added up, mean of a query.</param>
/// <param name="Blocks">Blocks scored (of 64 documents, as the bounds of the index have them), mean of a query.</param>
/// <param name="AllocatedBytes">Bytes allocated for a query, the answer included, mean.</param>
public sealed record BenchmarkResult(
    string Mode,
    string Setting,
    int K,
    double MeanMicros,
    double P50Micros,
    double P99Micros,
    double Recall,
    double Postings,
    double Blocks,
    double AllocatedBytes);
