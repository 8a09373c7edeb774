using Splade.Index;

namespace Splade.Cluster.Sharding;

/// <summary>Settings of shard leaders.</summary>
public sealed record IndexShardOptions
{
    /// <summary>
    /// The lowest limit of a merge's rate but none at all. A shard publishes one thing at a time, so its flushes wait for a merge: one that took hours
    /// would leave documents in memory and journal for as long.
    /// </summary>
    public const long LeastMergeBytesPerSecond = 1_000_000;

    /// <summary>Memory that triggers a flush, in bytes.</summary>
    public long FlushBytes { get; init; } = 64L << 20;

    /// <summary>Operations that trigger a flush; also what a recovery replays at most.</summary>
    public long FlushOperations { get; init; } = 100_000;

    /// <summary>Age of the oldest unflushed write that triggers a flush.</summary>
    public TimeSpan FlushAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most batches whose answers are remembered for repetitions, which may come until the deadline of a batch.</summary>
    public int RememberedBatches { get; init; } = 100_000;

    /// <summary>Deletes whose versions are remembered.</summary>
    public int RememberedDeletes { get; init; } = 10_000;

    /// <summary>Bytes of documents in one answer.</summary>
    public int AnswerBytes { get; init; } = 1 << 20;

    /// <summary>How long a failed shard waits before it opens again; longer each time that it fails again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Age after which a file in the store that no manifest names is deleted.</summary>
    public TimeSpan OrphanAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes a second that a merge may write; 0 for no limit.</summary>
    public long MergeBytesPerSecond { get; init; }

    /// <summary>For the shard's writer.</summary>
    internal IndexWriterOptions Writer => new() { MergeBytesPerSecond = MergeBytesPerSecond == 0 ? null : MergeBytesPerSecond };

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(FlushBytes, 1L << 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(FlushOperations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FlushAge, TimeSpan.FromMilliseconds(100));
        ArgumentOutOfRangeException.ThrowIfLessThan(RememberedBatches, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(RememberedDeletes);
        ArgumentOutOfRangeException.ThrowIfLessThan(AnswerBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryAfter, TimeSpan.FromMilliseconds(10));
        ArgumentOutOfRangeException.ThrowIfLessThan(OrphanAge, TimeSpan.FromMinutes(1));
        if (!IsMergeRate(MergeBytesPerSecond))
        {
            throw new ArgumentOutOfRangeException(nameof(MergeBytesPerSecond), MergeBytesPerSecond, null);
        }
    }
    internal static bool IsMergeRate(long bytesPerSecond) => bytesPerSecond is 0 or >= LeastMergeBytesPerSecond;
}
