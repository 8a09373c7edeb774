using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Search.Leaf;
using Splade.Index;

namespace Splade.Cluster.Search;

/// <summary>
/// Query weights by how rare a term is in the collection, for models that ask for it: weight x (idf of the collection / shipped idf) ^ share; a
/// half is the geometric mean of both. Document frequencies are those of all shards of the index together and of live documents only, so any number of shards
/// gives the same ranking. They cost one more round to the index nodes before the search.
/// </summary>
internal sealed class CollectionStatistics(ActorSystem system, INodeDirectory directory, SearchOptions options, TimeProvider time)
{
    /// <param name="query">With the shipped idf of each feature; 0 for one that keeps its weight.</param>
    public async Task<ImmutableArray<FeatureWeight>> BlendAsync(
        IndexMetadata index,
        string field,
        EncodedDocument query,
        DateTimeOffset deadline,
        CancellationToken cancellationToken)
    {
        var features = query.Features;
        if (features.IsEmpty)
        {
            return features;
        }

        var (documents, frequencies) = await CountAsync(
            index, field, [.. features.Select(f => f.Feature)], query.CountedFrom, deadline, cancellationToken).ConfigureAwait(false);
        return [.. features.Select((f, i) => f with { Weight = Blend(f.Weight, query.ShippedIdf[i], documents, frequencies[i], query.CollectionIdfShare) })];
    }

    /// <summary>The weight as it is where the collection says nothing: no documents, or none with the term.</summary>
    internal static float Blend(float weight, float shippedIdf, long documents, long frequency, float share)
    {
        if (shippedIdf <= 0f || frequency <= 0)
        {
            return weight;
        }

        // As in BM25; a term that is in every document keeps a little.
        var idf = Math.Log(1 + ((Math.Max(documents, frequency) - frequency + 0.5) / (frequency + 0.5)));
        return (float)(weight * Math.Pow(idf / shippedIdf, share));
    }

    /// <summary>Shards that do not answer are left out, as their hits are.</summary>
    private async Task<(long Documents, long[] Frequencies)> CountAsync(
        IndexMetadata index, string field, ImmutableArray<string> features, float minimumWeight, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        ShardId[] shards = [.. index.Shards.Where(s => directory.ProblemOf(s) is null)];
        var left = deadline - time.GetUtcNow();
        var patience = left < options.PlacementTimeout ? left : options.PlacementTimeout;
        try
        {
            await directory.WaitForShardsAsync(shards, cancellationToken).WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The search itself reports shards that are nowhere.
        }

        var nodes = shards.Select(s => (Shard: s, Node: directory.LeaderOf(s))).Where(s => s.Node is not null).GroupBy(s => s.Node!);
        var answers = await Task.WhenAll(nodes.Select(n => AskAsync(
            n.Key, new CountTerms(Guid.NewGuid(), [.. n.Select(s => s.Shard)], field, features, minimumWeight, deadline), cancellationToken))).ConfigureAwait(false);
        var frequencies = new long[features.Length];
        foreach (var answer in answers.OfType<TermsCounted>())
        {
            for (var i = 0; i < frequencies.Length; i++)
            {
                frequencies[i] += answer.Frequencies[i];
            }
        }

        return (answers.Sum(a => a?.Documents ?? 0), frequencies);
    }

    private async Task<TermsCounted?> AskAsync(Address node, CountTerms message, CancellationToken cancellationToken)
    {
        var left = message.Deadline - time.GetUtcNow();
        try
        {
            return left <= TimeSpan.Zero
                ? null
                : await system.ActorSelection(new RootActorPath(node) / "user" / LeafSearchActor.Name)
                    .Ask<TermsCounted>(message, left < options.PlacementTimeout ? left : options.PlacementTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Late, gone or damaged: the search of these shards says so.
            return null;
        }
    }
}
