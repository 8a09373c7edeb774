using System.Collections.Concurrent;
using System.Collections.Immutable;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Nodes;
using Splade.Index;

namespace Splade.Cluster.Sharding;

/// <summary>The shards that this node leads, with their newest readers. Leaf searches read it, so they never wait for a writer.</summary>
internal sealed class ShardRegistry
{
    private readonly ConcurrentDictionary<ShardId, Entry> _entries = new();

    /// <summary>A shard was started, failed or stopped.</summary>
    public event Action? Changed;

    public ImmutableArray<ShardStatus> Statuses => [.. _entries.Values.Select(e => e.Status).OrderBy(s => s.Shard.ToString(), StringComparer.Ordinal)];

    /// <summary>Publishes a view; the registry takes over the caller's reference and drops the one before.</summary>
    public void Publish(ShardStatus status, IndexReader? reader)
    {
        Entry? replaced = null;
        _entries.AddOrUpdate(
            status.Shard,
            _ => new Entry(status, reader),
            (_, old) =>
            {
                replaced = old;
                return new Entry(status, reader ?? old.Reader);
            });
        if (reader is not null)
        {
            replaced?.Reader?.Dispose();
        }

        if (replaced?.Status.State != status.State)
        {
            Changed?.Invoke();
        }
    }

    public void Remove(ShardId shard)
    {
        if (_entries.TryRemove(shard, out var entry))
        {
            entry.Reader?.Dispose();
            Changed?.Invoke();
        }
    }

    /// <summary>Removes a shard of which nothing newer than a status was published.</summary>
    public void RemoveUnlessNewer(ShardStatus status)
    {
        if (_entries.TryGetValue(status.Shard, out var entry) && ReferenceEquals(entry.Status, status) && _entries.TryRemove(KeyValuePair.Create(status.Shard, entry)))
        {
            entry.Reader?.Dispose();
            Changed?.Invoke();
        }
    }

    /// <summary>The newest reader, acquired for the caller; null when the shard is not searchable here.</summary>
    public IndexReader? Acquire(ShardId shard)
    {
        while (_entries.TryGetValue(shard, out var entry) && entry.Reader is { } reader)
        {
            // A failure means that the writer has just replaced it: look again.
            if (reader.TryAcquire())
            {
                return reader;
            }
        }

        return null;
    }

    /// <summary>Equal to itself alone.</summary>
    private sealed class Entry(ShardStatus status, IndexReader? reader)
    {
        public ShardStatus Status { get; } = status;

        public IndexReader? Reader { get; } = reader;
    }
}
