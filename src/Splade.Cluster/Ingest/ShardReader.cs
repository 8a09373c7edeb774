using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Ingest;

/// <summary>Real-time reads of documents from their leaders, repeated until answered.</summary>
internal sealed class ShardReader(IActorRef region, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);

    /// <returns>In the order asked; null where there is none.</returns>
    /// <exception cref="Api.SearchClusterException">A leader can't open its shard, or did not answer before the deadline.</exception>
    public async Task<ImmutableArray<StoredDocument?>> GetAsync(
        IndexMetadata index, ImmutableArray<string> ids, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var found = new StoredDocument?[ids.Length];
        var byShard = Enumerable.Range(0, ids.Length).GroupBy(i => SlotRouter.Locate(index, ids[i]));
        await Task.WhenAll(byShard.Select(async group =>
        {
            for (var open = group.ToArray(); open.Length > 0;)
            {
                var answer = await AskAsync(group.Key, [.. open.Select(i => ids[i])], deadline, cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < answer.Found.Length; i++)
                {
                    found[open[i]] = answer.Found[i];
                }

                open = open[answer.Found.Length..];
            }
        })).ConfigureAwait(false);
        return [.. found];
    }

    private async Task<Documents> AskAsync(ShardId shard, ImmutableArray<string> ids, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var answer = await region.Ask<object>(new GetDocuments(shard, Guid.NewGuid(), ids), AnswerTimeout, cancellationToken).ConfigureAwait(false);
                if (answer is ShardDone { Error: { } problem })
                {
                    throw Errors.Of("no_shard_available_action_exception", $"[{shard.DisplayName}] the shard can't be opened: {problem.Reason}", 503);
                }

                return (Documents)answer;
            }
            catch (AskTimeoutException) when (time.GetUtcNow() < deadline)
            {
                // The shard may be moving: ask again.
            }
            catch (AskTimeoutException)
            {
                throw Errors.Of("no_shard_available_action_exception", $"[{shard.DisplayName}] the shard's leader does not answer", 503);
            }
        }
    }
}
