using System.Collections.Concurrent;
using Splade.Cluster.Protocol;

namespace Splade.Cluster.Sharding;

/// <summary>
/// How often each shard of this node could not be opened in a row. A shard that tries again starts anew and forgets it; a damaged file does not heal, so
/// the tries, each a line in the log, become ever fewer.
/// </summary>
internal sealed class OpenFailures
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<ShardId, int> _counts = new();

    /// <summary>Counts a failure.</summary>
    /// <returns>How long to wait before the next try: twice as long each time, up to a minute.</returns>
    public TimeSpan Next(ShardId shard, TimeSpan first)
    {
        var pause = first * Math.Pow(2, Math.Min(_counts.AddOrUpdate(shard, 1, static (_, n) => n + 1) - 1, 16));
        return pause < Longest ? pause : Longest;
    }

    /// <summary>The shard was opened or deleted.</summary>
    public void Forget(ShardId shard) => _counts.TryRemove(shard, out _);
}
