using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Ingest;

/// <summary>Sends batches to shard leaders, one at a time for a shard and caller, and repeats each under its id until it is acknowledged.</summary>
internal sealed class ShardWriter(IActorRef region, ICatalogView catalog, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <returns>One result or error for each operation, in order.</returns>
    public async Task<IReadOnlyList<(OperationResult? Result, ErrorInfo? Error)>> WriteAsync(
        ShardId shard, IReadOnlyList<ShardOperation> operations, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var results = new List<(OperationResult?, ErrorInfo?)>(operations.Count);
        foreach (var (start, count) in BatchSplitter.Split(operations))
        {
            var batch = new IndexBatch(shard, Guid.NewGuid(), deadline, [.. operations.Skip(start).Take(count)]);
            try
            {
                results.AddRange((await SendAsync(batch, deadline, cancellationToken).ConfigureAwait(false)).Select(r => ((OperationResult?)r, (ErrorInfo?)null)));
            }
            catch (SearchClusterException failure)
            {
                // Later batches may hold the same ids: none of them may overtake this one.
                var notSent = failure.Error with { Reason = $"[{shard.DisplayName}] not sent, because a write before it in the same request failed: {failure.Error.Reason}" };
                results.AddRange(Enumerable.Repeat(((OperationResult?)null, (ErrorInfo?)failure.Error), count));
                results.AddRange(Enumerable.Repeat(((OperationResult?)null, (ErrorInfo?)notSent), operations.Count - start - count));
                break;
            }
        }

        return results;
    }

    private async Task<ImmutableArray<OperationResult>> SendAsync(IndexBatch batch, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        ErrorInfo? refusal = null;

        // An attempt before, of which nobody knows what became, may have reached the journal of a shard that can't be opened now.
        var isUnknown = false;
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                switch (await region.Ask<object>(batch, Patience(deadline), cancellationToken).ConfigureAwait(false))
                {
                    case IndexBatchAck ack:
                        return ack.Results;
                    case IndexBatchRefused { Error: { Type: Errors.DamageType } damage } when !isUnknown:
                        throw Errors.Of(
                            "unavailable_shards_exception", $"[{batch.Shard.DisplayName}] nothing was written, because the shard can't be opened: {damage.Reason}", 503);
                    case IndexBatchRefused refused:
                        refusal = refused.Error;
                        isUnknown = true;
                        break;
                }
            }
            catch (AskTimeoutException)
            {
                // Hand-off, recovery, a lost message or a lost answer: the same batch again does no harm.
                isUnknown = true;
            }

            if (!catalog.Current.Indices.Any(i => i.Uuid == batch.Shard.IndexUuid))
            {
                throw Errors.NoSuchIndex(batch.Shard.Index);
            }

            if (time.GetUtcNow() + pause >= deadline)
            {
                throw Errors.Of(
                    "unavailable_shards_exception",
                    $"[{batch.Shard.DisplayName}] the leader did not acknowledge the write in time, so its outcome is not known{(refusal is null ? "" : $": {refusal.Reason}")}",
                    503);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan Patience(DateTimeOffset deadline)
    {
        var left = deadline - time.GetUtcNow();
        return left <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : left < AnswerTimeout ? left : AnswerTimeout;
    }
}
