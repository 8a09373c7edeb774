using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Ingest;

/// <summary>Cuts the operations of a shard into batches that fit a message.</summary>
internal static class BatchSplitter
{
    /// <summary>Batches of about this size; a larger single document goes alone.</summary>
    public const int BatchBytes = 64 * 1024;

    /// <returns>Runs of positions, in order.</returns>
    public static IEnumerable<(int Start, int Count)> Split(IReadOnlyList<ShardOperation> operations)
    {
        var start = 0;
        var bytes = 0L;
        for (var i = 0; i < operations.Count; i++)
        {
            var size = Size(operations[i]);
            if (i > start && bytes + size > BatchBytes)
            {
                yield return (start, i - start);
                (start, bytes) = (i, 0);
            }

            bytes += size;
        }

        if (start < operations.Count)
        {
            yield return (start, operations.Count - start);
        }
    }

    /// <summary>Estimate: a feature takes a position and a weight, its name is shared.</summary>
    private static long Size(ShardOperation operation) =>
        64L + operation.Id.Length + operation.Source.Length + operation.Fields.Sum(f => f.Name.Length + (9L * f.Features.Length));
}
