namespace Splade.Encoding.Benchmarking;

/// <summary>How long queries take to encode.</summary>
/// <param name="Idle">Nothing else runs.</param>
/// <param name="UnderLoad">Documents are encoded meanwhile.</param>
public sealed record QueryBenchmarkResult(int Queries, LatencyMilliseconds Idle, LatencyMilliseconds UnderLoad);

/// <summary>Median, 99th percentile and the longest.</summary>
public sealed record LatencyMilliseconds(double P50, double P99, double Longest);
