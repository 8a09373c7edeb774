using System.Diagnostics.Metrics;

namespace Splade.Encoding;

/// <summary>What encoders count, for whoever listens to the meter.</summary>
public static class EncodingMetrics
{
    public const string MeterName = "Splade.Encoding";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Documents = Meter.CreateCounter<long>("splade.encoding.documents", description: "Documents encoded by a model.");
    private static readonly Counter<long> Queries = Meter.CreateCounter<long>("splade.encoding.queries", description: "Queries encoded.");
    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>("splade.encoding.tokens", description: "Tokens that models computed, padding left out.");
    private static readonly Counter<long> Padding = Meter.CreateCounter<long>("splade.encoding.padding_tokens", description: "Padding that models computed: its share is the waste of batching.");
    private static readonly Counter<long> CacheHits = Meter.CreateCounter<long>("splade.encoding.cache.hits", description: "Documents whose vector was there already, repeated ones of a batch included.");
    private static readonly Counter<long> CacheMisses = Meter.CreateCounter<long>("splade.encoding.cache.misses", description: "Documents that a model had to encode.");

    internal static void Encoded(string model, int documents) => Documents.Add(documents, Of(model));

    internal static void Query(string model) => Queries.Add(1, Of(model));

    internal static void Batch(string model, int tokens, int padding)
    {
        Tokens.Add(tokens, Of(model));
        Padding.Add(padding, Of(model));
    }

    internal static void Cached(string model, int hits, int misses)
    {
        CacheHits.Add(hits, Of(model));
        CacheMisses.Add(misses, Of(model));
    }

    private static KeyValuePair<string, object?> Of(string model) => new("model", model);
}
