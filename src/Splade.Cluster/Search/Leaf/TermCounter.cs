using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Sharding;
using Splade.Index;

namespace Splade.Cluster.Search.Leaf;

/// <summary>Counts live documents by feature, or their passages where these are scored one by one. What was counted in a view is kept as long as the view.</summary>
internal sealed class TermCounter(ShardRegistry registry)
{
    /// <summary>Counts of one view; a query brings tens of features.</summary>
    private const int MaxKept = 100_000;

    private readonly ConditionalWeakTable<IndexReader, ConcurrentDictionary<Term, long>> _counted = [];

    public TermsCounted Count(CountTerms request, CancellationToken cancellationToken)
    {
        var frequencies = new long[request.Features.Length];
        long documents = 0;
        var shards = 0;
        foreach (var shard in request.Shards)
        {
            using var reader = registry.Acquire(shard);
            if (reader is null)
            {
                continue;
            }

            shards++;
            documents += reader.DocumentCount;
            var counted = _counted.GetOrCreateValue(reader);
            for (var passage = 1; passage == 1 || PassageSearch.Has(reader, request.Field, passage); passage++)
            {
                documents += passage == 1 ? 0 : Count(PassageFields.Numbers(request.Field), PassageFields.Feature(passage), 0f);
                for (var i = 0; i < frequencies.Length; i++)
                {
                    frequencies[i] += Count(PassageFields.Of(request.Field, passage), request.Features[i], request.MinimumWeight);
                }
            }

            long Count(string field, string feature, float minimum) => Frequency(reader, counted, new Term(field, feature, minimum), cancellationToken);
        }

        return new TermsCounted(request.RequestId, shards, documents, ImmutableArray.Create(frequencies));
    }

    private static long Frequency(
        IndexReader reader, ConcurrentDictionary<Term, long> counted, Term term, CancellationToken cancellationToken)
    {
        if (counted.TryGetValue(term, out var known))
        {
            return known;
        }

        var frequency = reader.CountFrom(term.Field, term.Feature, term.MinimumWeight, cancellationToken);
        if (counted.Count < MaxKept)
        {
            counted.TryAdd(term, frequency);
        }

        return frequency;
    }

    private readonly record struct Term(string Field, string Feature, float MinimumWeight);
}
