using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Ingest;

/// <summary>Real-time reads of documents from their leaders, repeated until answered.</summary>
internal sealed class ShardReader(IActorRef region, INodeDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <param name="placement">
    /// From then on a shard that no node leads is not waited for, and one that can't be opened is not waited for at all; null waits for both until the deadline, but not for one that is damaged.
    /// </param>
    /// <returns>In the order asked; null where there is none.</returns>
    /// <exception cref="Api.SearchClusterException">A leader can't open its shard, or did not answer before the deadline.</exception>
    public async Task<ImmutableArray<StoredDocument?>> GetAsync(
        IndexMetadata index, ImmutableArray<string> ids, DateTimeOffset deadline, DateTimeOffset? placement, CancellationToken cancellationToken)
    {
        var found = new StoredDocument?[ids.Length];
        var byShard = Enumerable.Range(0, ids.Length).GroupBy(i => SlotRouter.Locate(index, ids[i]));
        await Task.WhenAll(byShard.Select(async group =>
        {
            for (var open = group.ToArray(); open.Length > 0;)
            {
                var answer = await AskAsync(group.Key, [.. open.Select(i => ids[i])], deadline, placement, cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < answer.Found.Length; i++)
                {
                    found[open[i]] = answer.Found[i];
                }

                open = open[answer.Found.Length..];
            }
        })).ConfigureAwait(false);
        return [.. found];
    }

    private async Task<Documents> AskAsync(
        ShardId shard, ImmutableArray<string> ids, DateTimeOffset deadline, DateTimeOffset? placement, CancellationToken cancellationToken)
    {
        while (true)
        {
            string problem;
            try
            {
                var answer = await region.Ask<object>(new GetDocuments(shard, Guid.NewGuid(), ids), AnswerTimeout, cancellationToken).ConfigureAwait(false);
                if (answer is Documents documents)
                {
                    return documents;
                }

                var error = ((ShardDone)answer).Error!;
                problem = $"the shard can't be opened: {error.Reason}";
                if (placement is null && error.Type != Errors.DamageType && time.GetUtcNow() < deadline)
                {
                    await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
                    continue;
                }
            }
            catch (AskTimeoutException)
            {
                var isLed = directory.LeaderOf(shard) is not null;
                problem = isLed ? "the shard's leader does not answer" : "no node leads the shard";
                if (time.GetUtcNow() < (isLed ? deadline : placement ?? deadline))
                {
                    // The shard may be moving: ask again.
                    continue;
                }
            }

            throw Errors.Of("no_shard_available_action_exception", $"[{shard.DisplayName}] {problem}", 503);
        }
    }
}
