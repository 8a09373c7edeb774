using System.Collections.Concurrent;
using Splade.Cluster.Protocol;

namespace Splade.Cluster.Sharding;

/// <summary>
/// How often each shard of this node could not be opened in a row, and why. A shard that tries again starts anew and forgets it; a damaged file does not heal,
/// so the tries, each a line in the log, become ever fewer, and between and during them the last reason stands.
/// </summary>
internal sealed class OpenFailures
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<ShardId, (int Count, ErrorInfo Problem)> _failures = new();

    /// <summary>Counts a failure.</summary>
    /// <returns>How long to wait before the next try: twice as long each time, up to a minute.</returns>
    public TimeSpan Next(ShardId shard, ErrorInfo problem, TimeSpan first)
    {
        var (count, _) = _failures.AddOrUpdate(shard, (1, problem), (_, known) => (known.Count + 1, problem));
        var pause = first * Math.Pow(2, Math.Min(count - 1, 16));
        return pause < Longest ? pause : Longest;
    }

    /// <summary>Why the last try failed; null where there was none, or it did not fail.</summary>
    public ErrorInfo? ProblemOf(ShardId shard) => _failures.TryGetValue(shard, out var failure) ? failure.Problem : null;

    /// <summary>The shard was opened, deleted or handed over.</summary>
    public void Forget(ShardId shard) => _failures.TryRemove(shard, out _);
}
