using System.Collections.Immutable;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;
using Splade.Storage;

namespace Splade.Cluster.Sharding;

/// <summary>The files of one shard in the segment store.</summary>
internal sealed class ShardFiles(ISegmentStore store, ShardId shard, TimeProvider time)
{
    private readonly string _prefix = shard.StorePrefix;

    public string StagingFolder => store.GetStagingFolder(_prefix);

    public ImmutableArray<SegmentKeys> Keys(ImmutableArray<SegmentFiles> files) =>
        [.. files.Select(f => new SegmentKeys(f.SegmentId, Key(f.SegmentPath), f.LivePath is null ? null : Key(f.LivePath), f.SegmentDigest, f.LiveDigest))];

    public async Task PublishAsync(IEnumerable<string> stagedPaths, CancellationToken cancellationToken)
    {
        foreach (var path in stagedPaths)
        {
            await store.PublishAsync(Key(path), path, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<ImmutableArray<SegmentFiles>> FetchAsync(ImmutableArray<SegmentKeys> segments, CancellationToken cancellationToken)
    {
        var files = ImmutableArray.CreateBuilder<SegmentFiles>(segments.Length);
        foreach (var keys in segments)
        {
            files.Add(new SegmentFiles(
                keys.SegmentId,
                await store.GetLocalPathAsync(keys.SegmentKey, cancellationToken).ConfigureAwait(false),
                keys.LiveKey is null ? null : await store.GetLocalPathAsync(keys.LiveKey, cancellationToken).ConfigureAwait(false))
            {
                SegmentDigest = keys.SegmentDigest,
                LiveDigest = keys.LiveDigest,
            });
        }

        return files.MoveToImmutable();
    }

    /// <summary>Deletes files that a manifest named and its successor does not.</summary>
    public async Task DeleteObsoleteAsync(ImmutableArray<SegmentKeys> before, ImmutableArray<SegmentKeys> now)
    {
        foreach (var key in AllKeys(before).Except(AllKeys(now)).ToArray())
        {
            await store.DeleteAsync(key, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes what a crash left behind: files that no manifest names, old enough that no other leader can be publishing them.</summary>
    public async Task DeleteOrphansAsync(ImmutableArray<SegmentKeys> segments, TimeSpan age, CancellationToken cancellationToken)
    {
        var known = AllKeys(segments).ToHashSet(StringComparer.Ordinal);
        var limit = time.GetUtcNow() - age;
        foreach (var file in await store.ListAsync(_prefix, cancellationToken).ConfigureAwait(false))
        {
            if (!known.Contains(file.Key) && file.LastModified < limit)
            {
                await store.DeleteAsync(file.Key, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async Task DeleteAllAsync()
    {
        foreach (var file in await store.ListAsync(_prefix, CancellationToken.None).ConfigureAwait(false))
        {
            await store.DeleteAsync(file.Key, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static IEnumerable<string> AllKeys(ImmutableArray<SegmentKeys> segments) =>
        segments.SelectMany(s => s.LiveKey is null ? [s.SegmentKey] : new[] { s.SegmentKey, s.LiveKey });

    private string Key(string path) => $"{_prefix}/{Path.GetFileName(path)}";
}
