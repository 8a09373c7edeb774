using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Sharding;
using Splade.Index;

namespace Splade.Cluster.Search.Leaf;

/// <summary>
/// On index nodes: searches the shards that this node leads, on readers and off every mailbox, and keeps what a search saw until its documents are
/// fetched.
/// </summary>
internal sealed class LeafSearchActor : ReceiveActor, IWithTimers
{
    public const string Name = "leaf-search";

    private readonly ShardRegistry _registry;
    private readonly LeafSearchOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _permits;
    private readonly TermCounter _counter;
    private readonly Dictionary<Guid, Lease> _leases = [];
    private readonly HashSet<Guid> _running = [];

    public LeafSearchActor(ShardRegistry registry, LeafSearchOptions options, TimeProvider time)
    {
        options.Validate();
        _registry = registry;
        _options = options;
        _time = time;
        _permits = new SemaphoreSlim(options.Permits);
        _counter = new TermCounter(registry);
        Receive<LeafSearch>(search =>
        {
            // Whoever asks again gets the answer of the first time when that is still being worked on.
            if (!_running.Add(search.RequestId))
            {
                return;
            }

            var sender = Sender;
            SearchAsync(search).PipeTo(Self, success: found => new Searched(search, found.Result, found.Readers, sender), failure: cause => new SearchFailed(search, cause, sender));
        });
        Receive<CountTerms>(count => CountAsync(count).PipeTo(Sender, Self));
        Receive<Searched>(Answer);
        Receive<SearchFailed>(failed =>
        {
            _running.Remove(failed.Search.RequestId);
            failed.Sender.Tell(new LeafSearchResult(
                failed.Search.RequestId, [], 0, [], [.. failed.Search.Shards.Select(s => new ShardFailure(s, failed.Cause.ToErrorInfo()))]));
        });
        Receive<FetchHits>(Fetch);
        Receive<ReleaseView>(release =>
        {
            if (_leases.Remove(release.RequestId, out var lease))
            {
                DisposeAll(lease.Readers.Values);
            }
        });
        Receive<Sweep>(_ => DropLeases(lease => _time.GetElapsedTime(lease.Since) > _options.LeaseTime));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("sweep", Sweep.Instance, TimeSpan.FromSeconds(1));

    protected override void PostStop()
    {
        DropLeases(_ => true);
        base.PostStop();
    }

    private async Task<(LeafSearchResult Result, ImmutableDictionary<ShardId, IndexReader> Readers)> SearchAsync(LeafSearch search)
    {
        using var deadline = new CancellationTokenSource(Remaining(search.Deadline), _time);
        var searched = await Task.WhenAll(search.Shards.Select((shard, ordinal) => SearchShardAsync(search, shard, ordinal, deadline.Token))).ConfigureAwait(false);
        var hits = searched.SelectMany(s => s.Hits).ToArray();
        Array.Sort(hits, static (a, b) => HitOrder.Compare(a.Score, a.Id, b.Score, b.Id));
        var result = new LeafSearchResult(
            search.RequestId,
            [.. hits.Take(search.K)],
            searched.Sum(s => s.Total),
            [.. searched.Where(s => s.Error is null).Select(s => s.Shard)],
            [.. searched.Where(s => s.Error is not null).Select(s => new ShardFailure(s.Shard, s.Error!))],
            new LeafWork(
                searched.Any(s => s.Done is { Top.TotalIsLowerBound: true }),
                searched.Any(s => s.Done is { TimedOut: true }),
                searched.Any(s => s.Done is { TerminatedEarly: true }),
                search.Mode is { Profile: true } ? [.. searched.Where(s => s.Done is not null).Select(s => s.Done!.ToProfile(search, s.Reader!))] : []));
        return (result, searched.Where(s => s.Reader is not null).ToImmutableDictionary(s => s.Shard, s => s.Reader!));
    }

    private async Task<TermsCounted> CountAsync(CountTerms count)
    {
        using var deadline = new CancellationTokenSource(Remaining(count.Deadline), _time);
        await _permits.WaitAsync(deadline.Token).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => _counter.Count(count, deadline.Token), deadline.Token).ConfigureAwait(false);
        }
        finally
        {
            _permits.Release();
        }
    }

    private async Task<ShardAnswer> SearchShardAsync(LeafSearch search, ShardId shard, int ordinal, CancellationToken cancellationToken)
    {
        var reader = _registry.Acquire(shard);
        if (reader is null)
        {
            return new ShardAnswer(shard, [], 0, null, null, new ErrorInfo("no_shard_available_action_exception", $"shard [{shard.DisplayName}] is not on this node", 503));
        }

        try
        {
            await _permits.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var done = await Task.Run(() => ShardSearch.Run(reader, search, ordinal, Remaining(search.Deadline), cancellationToken), cancellationToken).ConfigureAwait(false);
                return new ShardAnswer(shard, done.Top.Hits.Select(h => new LeafHit(h.Id, h.Score, ordinal)), done.Top.Total, reader, done, null);
            }
            finally
            {
                _permits.Release();
            }
        }
        catch (Exception exception)
        {
            reader.Dispose();
            return new ShardAnswer(shard, [], 0, null, null, exception.ToErrorInfo());
        }
    }

    private void Answer(Searched searched)
    {
        _running.Remove(searched.Search.RequestId);
        searched.Sender.Tell(searched.Result);

        // Only shards with a hit can be asked for documents, and nobody asks after the deadline.
        var search = searched.Search;
        var withHits = searched.Result.Hits.Select(h => search.Shards[h.ShardOrdinal]).ToHashSet();
        var kept = Remaining(search.Deadline) == TimeSpan.Zero ? [] : searched.Readers.Where(r => withHits.Contains(r.Key)).ToDictionary();
        DisposeAll(searched.Readers.Where(r => !kept.ContainsKey(r.Key)).Select(r => r.Value));
        if (_leases.Remove(search.RequestId, out var repeated))
        {
            DisposeAll(repeated.Readers.Values);
        }

        if (kept.Count > 0)
        {
            _leases.Add(search.RequestId, new Lease(kept, _time.GetTimestamp()));
        }
    }

    private void Fetch(FetchHits fetch)
    {
        IndexReader? reader = null;
        if (_leases.TryGetValue(fetch.RequestId, out var lease) && lease.Readers.Remove(fetch.Shard, out reader) && lease.Readers.Count == 0)
        {
            _leases.Remove(fetch.RequestId);
        }

        reader ??= _registry.Acquire(fetch.Shard);
        var (sender, self) = (Sender, Self);
        if (reader is null)
        {
            sender.Tell(new FetchResult(
                fetch.RequestId, fetch.Shard, 0, [], true, new ErrorInfo("no_shard_available_action_exception", $"shard [{fetch.Shard.DisplayName}] is not on this node", 503)));
            return;
        }

        _ = Task.Run(() =>
        {
            try
            {
                using (reader)
                {
                    foreach (var part in Parts(fetch, reader))
                    {
                        sender.Tell(part, self);
                    }
                }
            }
            catch (Exception exception)
            {
                sender.Tell(new FetchResult(fetch.RequestId, fetch.Shard, 0, [], true, exception.ToErrorInfo()), self);
            }
        });
    }

    private IEnumerable<FetchResult> Parts(FetchHits fetch, IndexReader reader)
    {
        var part = ImmutableArray.CreateBuilder<FetchedDocument>();
        int offset = 0, bytes = 0;
        foreach (var id in fetch.Ids)
        {
            var document = reader.Get(id);
            var size = document?.Source.Length ?? 0;
            if (part.Count > 0 && bytes + size > _options.AnswerBytes)
            {
                yield return new FetchResult(fetch.RequestId, fetch.Shard, offset, part.ToImmutable(), false);
                offset += part.Count;
                part.Clear();
                bytes = 0;
            }

            bytes += size;
            part.Add(new FetchedDocument(id, document, fetch.Explain is null ? null : PassageSearch.Explain(reader, fetch.Explain, id)));
        }

        yield return new FetchResult(fetch.RequestId, fetch.Shard, offset, part.ToImmutable(), true);
    }

    private TimeSpan Remaining(DateTimeOffset deadline)
    {
        var left = deadline - _time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void DropLeases(Func<Lease, bool> which)
    {
        foreach (var (id, lease) in _leases.Where(l => which(l.Value)).ToArray())
        {
            DisposeAll(lease.Readers.Values);
            _leases.Remove(id);
        }
    }

    private static void DisposeAll(IEnumerable<IndexReader> readers)
    {
        foreach (var reader in readers)
        {
            reader.Dispose();
        }
    }

    private sealed record ShardAnswer(ShardId Shard, IEnumerable<LeafHit> Hits, long Total, IndexReader? Reader, ShardSearch? Done, ErrorInfo? Error);

    private sealed record Searched(LeafSearch Search, LeafSearchResult Result, ImmutableDictionary<ShardId, IndexReader> Readers, IActorRef Sender);

    private sealed record SearchFailed(LeafSearch Search, Exception Cause, IActorRef Sender);

    private sealed record Lease(Dictionary<ShardId, IndexReader> Readers, long Since);

    private sealed class Sweep
    {
        public static readonly Sweep Instance = new();
    }
}
