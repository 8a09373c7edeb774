using Akka.Actor;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Ingest;

/// <summary>Refreshes and flushes shards. The region may lose a message during hand-off, and both do no harm twice: they are repeated until answered.</summary>
internal sealed class ShardMaintenance(IActorRef region, INodeDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(5);

    /// <summary>How long a shard may be without a leader: longer than the cluster takes to see a crash and to open the shard elsewhere.</summary>
    private static readonly TimeSpan NoLeaderPatience = TimeSpan.FromSeconds(30);

    /// <returns>Why it failed; null when it is done.</returns>
    public async Task<ErrorInfo?> RunAsync(IShardMessage message, CancellationToken cancellationToken)
    {
        var start = time.GetUtcNow();
        while (true)
        {
            try
            {
                return (await region.Ask<ShardDone>(message, Attempt, cancellationToken).ConfigureAwait(false)).Error;
            }
            catch (AskTimeoutException)
            {
                // The shard may be moving: ask again.
                var waited = time.GetUtcNow() - start;
                if (waited >= NoLeaderPatience && directory.LeaderOf(message.Shard) is null)
                {
                    return new ErrorInfo("no_shard_available_action_exception", "no node leads the shard", 503);
                }

                if (waited >= Timeout)
                {
                    return new ErrorInfo("timeout_exception", "the shard's leader did not answer in time", 504);
                }
            }
        }
    }
}
