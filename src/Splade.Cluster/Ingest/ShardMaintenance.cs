using Akka.Actor;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Ingest;

/// <summary>Refreshes and flushes shards. The region may lose a message during hand-off, and both do no harm twice: they are repeated until answered.</summary>
internal sealed class ShardMaintenance(IActorRef region, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(15);

    /// <returns>Why it failed; null when it is done.</returns>
    public async Task<ErrorInfo?> RunAsync(IShardMessage message, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + Timeout;
        while (true)
        {
            try
            {
                return (await region.Ask<ShardDone>(message, Attempt, cancellationToken).ConfigureAwait(false)).Error;
            }
            catch (AskTimeoutException) when (time.GetUtcNow() < deadline)
            {
                // The shard may be moving.
            }
            catch (AskTimeoutException)
            {
                return new ErrorInfo("timeout_exception", "the shard's leader did not answer in time", 504);
            }
        }
    }
}
