using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Search.Leaf;
using Splade.Index;

namespace Splade.Cluster.Search;

/// <summary>What one search sends to shards.</summary>
/// <param name="Parts">Shards of one index with the query bound to it.</param>
internal sealed record SearchPlan(
    ImmutableArray<(ImmutableArray<ShardId> Shards, Query Query)> Parts, int From, int Size, DateTimeOffset Deadline, DateTimeOffset PlacementDeadline, bool Fetch, bool Explain)
{
    public SearchMode Mode { get; init; } = SearchMode.Exact;
}

/// <summary>What came back.</summary>
internal sealed record SearchOutcome(
    bool TimedOut, int ShardsTotal, int ShardsSuccessful, ImmutableArray<(ShardId Shard, ErrorInfo Error)> Failures, long Total, double? MaxScore, ImmutableArray<SearchHit> Hits)
{
    public bool TotalIsLowerBound { get; init; }

    public bool TerminatedEarly { get; init; }

    public ImmutableArray<(ShardId Shard, string Node, ShardProfile Profile)> Profiles { get; init; } = [];
}

/// <summary>
/// One search: scatters one leaf search for each node and index, gathers, merges, fetches the final page's documents. A shard whose node goes is
/// asked where it turns up again; a message that was lost is sent once more.
/// </summary>
internal sealed class SearchRequestActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>A leaf that still works on what it is asked again does not begin anew, so this may be short.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(3);
    private readonly SearchPlan _plan;
    private readonly INodeDirectory _directory;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<SearchOutcome> _done;
    private readonly Dictionary<ShardId, ShardProgress> _shards = [];
    private readonly Dictionary<Guid, Request> _requests = [];
    private readonly List<(LeafHit Hit, ShardId Shard)> _hits = [];
    private readonly Dictionary<ShardId, FetchProgress> _fetching = [];
    private readonly Dictionary<(ShardId, string), FetchedDocument> _fetched = [];

    /// <summary>Shards whose views a leaf keeps until they are fetched from or released.</summary>
    private readonly Dictionary<Guid, (IActorRef Leaf, HashSet<ShardId> Shards)> _views = [];
    private ImmutableArray<(LeafHit Hit, ShardId Shard)> _page = [];
    private readonly List<(ShardId Shard, string Node, ShardProfile Profile)> _profiles = [];
    private long _total;
    private bool _totalIsLowerBound;
    private bool _terminatedEarly;
    private bool _leafTimedOut;
    private bool _timedOut;

    public SearchRequestActor(SearchPlan plan, INodeDirectory directory, TimeProvider time, TaskCompletionSource<SearchOutcome> done)
    {
        _plan = plan;
        _directory = directory;
        _time = time;
        _done = done;
        foreach (var (shards, query) in plan.Parts)
        {
            foreach (var shard in shards)
            {
                _shards.Add(shard, new ShardProgress(query));
            }
        }

        Receive<LeafSearchResult>(Gather);
        Receive<FetchResult>(Fetched);
        Receive<Tick>(_ => OnTick());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>However it ends, nobody waits for ever.</summary>
    protected override void PostStop() =>
        _done.TrySetException(Errors.Of("search_phase_execution_exception", "the search was stopped on its coordinator: try again", 503));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("tick", Tick.Instance, TickInterval);
        if (_shards.Count == 0)
        {
            Finish();
            return;
        }

        Scatter();
    }

    private void OnTick()
    {
        var now = _time.GetUtcNow();
        if (now >= _plan.Deadline)
        {
            _timedOut = true;
            if (_fetching.Count == 0)
            {
                foreach (var progress in _shards.Values.Where(p => p.IsOpen))
                {
                    progress.Error = new ErrorInfo(Errors.TimeoutType, "the shard did not answer in time", 504);
                }

                BeginFetch();
                return;
            }

            Finish();
            return;
        }

        foreach (var (shard, progress) in _shards.Where(s => s.Value.IsOpen))
        {
            if (progress.Node is { } node && !node.Equals(_directory.LeaderOf(shard)))
            {
                // Its node is gone or no longer leads it: what it may still answer is ignored.
                progress.Node = null;
            }

            if (progress.Node is null && _directory.ProblemOf(shard) is { } problem)
            {
                progress.Error = Errors.CanNotOpen(shard, problem).Error;
            }
            else if (progress.Node is null && now >= _plan.PlacementDeadline)
            {
                progress.Error = new ErrorInfo("no_shard_available_action_exception", $"[{shard.DisplayName}] no node leads the shard", 503);
            }
        }

        Scatter();
        AskAgain();
        FetchIfGathered();
        foreach (var shard in _fetching.Keys.Where(s => _directory.LeaderOf(s) is { } leader && !leader.Equals(_shards[s].Node)).ToArray())
        {
            // The view that the search saw is gone with its node: the shard's new leader gives the documents as they are now.
            _shards[shard].Node = _directory.LeaderOf(shard);
            Fetch(shard);
        }
    }

    private void Scatter()
    {
        var placed = _shards.Where(s => s.Value is { IsOpen: true, Node: null })
            .Select(s => (Shard: s.Key, Progress: s.Value, Node: _directory.LeaderOf(s.Key)))
            .Where(s => s.Node is not null)
            .GroupBy(s => (s.Node, s.Progress.Query));
        foreach (var group in placed)
        {
            var requestId = Guid.NewGuid();
            ImmutableArray<ShardId> shards = [.. group.Select(s => s.Shard)];
            foreach (var (_, progress, node) in group)
            {
                (progress.Node, progress.RequestId) = (node, requestId);
            }

            var search = new LeafSearch(requestId, shards, group.Key.Query, _plan.From + _plan.Size, _plan.Deadline, _plan.Mode);
            _requests.Add(requestId, new Request(search, group.Key.Node!, _time.GetTimestamp()));
            Leaf(group.Key.Node!).Tell(search);
        }
    }

    /// <summary>Messages between nodes get lost, seldom, as when a connection breaks and comes back.</summary>
    private void AskAgain()
    {
        foreach (var (id, request) in _requests.Where(r => IsLate(r.Value.AskedAgain, r.Value.At)).ToArray())
        {
            _requests[id] = request with { AskedAgain = true };
            if (request.Search.Shards.Any(s => _shards[s].IsOpen && _shards[s].RequestId == id))
            {
                Leaf(request.Node).Tell(request.Search);
            }
        }

        foreach (var (shard, fetch) in _fetching.Where(f => IsLate(f.Value.AskedAgain, f.Value.At)).ToArray())
        {
            _fetching[shard] = fetch with { AskedAgain = true };
            if (_shards[shard].Node is not null)
            {
                SendFetch(shard);
            }
        }
    }

    private bool IsLate(bool askedAgain, long at) => !askedAgain && _time.GetElapsedTime(at) >= AskAgainAfter;

    private void Gather(LeafSearchResult result)
    {
        if (!_requests.Remove(result.RequestId, out var request))
        {
            return;
        }

        var shards = request.Search.Shards;

        if (result.Hits.Length > 0)
        {
            _views[result.RequestId] = (Sender, [.. result.Hits.Select(h => shards[h.ShardOrdinal])]);
        }

        var valid = result.Successful.Where(s => _shards[s].IsOpen && _shards[s].RequestId == result.RequestId).ToHashSet();
        foreach (var shard in valid)
        {
            _shards[shard].Done = true;
        }

        // A leaf counts all its shards together: when one of them has been asked elsewhere meanwhile, its answer can't be split.
        if (valid.Count != result.Successful.Length)
        {
            foreach (var shard in valid)
            {
                (_shards[shard].Done, _shards[shard].Node) = (false, null);
            }
        }
        else
        {
            _total += result.Total;
            _hits.AddRange(result.Hits.Select(h => (h, shards[h.ShardOrdinal])));
            GatherWork(result.Work, shards);
        }

        foreach (var (shard, error) in result.Failures)
        {
            var progress = _shards[shard];
            if (progress.IsOpen && progress.RequestId == result.RequestId)
            {
                progress.Node = null;
                if (error.Type != "no_shard_available_action_exception")
                {
                    progress.Error = error;
                }
            }
        }

        FetchIfGathered();
    }

    private void GatherWork(LeafWork? work, ImmutableArray<ShardId> shards)
    {
        if (work is not null)
        {
            _totalIsLowerBound |= work.TotalIsLowerBound;
            _leafTimedOut |= work.TimedOut;
            _terminatedEarly |= work.TerminatedEarly;
            _profiles.AddRange(work.Profiles.Select(p => (shards[p.ShardOrdinal], _shards[shards[p.ShardOrdinal]].Node?.ToString() ?? "", p)));
        }
    }

    private void FetchIfGathered()
    {
        if (_fetching.Count == 0 && _shards.Values.All(p => !p.IsOpen))
        {
            BeginFetch();
        }
    }

    private void BeginFetch()
    {
        _page =
        [
            .. _hits.Order(Comparer<(LeafHit Hit, ShardId Shard)>.Create(static (a, b) =>
                HitOrder.Compare(a.Hit.Score, a.Hit.Id, b.Hit.Score, b.Hit.Id) is not 0 and var order ? order : string.CompareOrdinal(a.Shard.Index, b.Shard.Index)))
                .Skip(_plan.From).Take(_plan.Size),
        ];
        if (_page.IsEmpty || (!_plan.Fetch && !_plan.Explain) || _timedOut)
        {
            Finish();
            return;
        }

        foreach (var group in _page.GroupBy(h => h.Shard))
        {
            _fetching.Add(group.Key, new FetchProgress([.. group.Select(h => h.Hit.Id)], _time.GetTimestamp()));
            Fetch(group.Key);
        }
    }

    private void Fetch(ShardId shard)
    {
        var progress = _shards[shard];
        if (_views.TryGetValue(progress.RequestId, out var view))
        {
            view.Shards.Remove(shard);
        }

        SendFetch(shard);
    }

    private void SendFetch(ShardId shard)
    {
        var progress = _shards[shard];
        Leaf(progress.Node!).Tell(new FetchHits(progress.RequestId, shard, _fetching[shard].Ids, _plan.Explain ? progress.Query : null, _plan.Deadline));
    }

    private void Fetched(FetchResult result)
    {
        if (!_fetching.TryGetValue(result.Shard, out var fetch))
        {
            return;
        }

        if (result.Error?.Type == "no_shard_available_action_exception")
        {
            // It has just moved: asked again when its new place is known, or where it was.
            _shards[result.Shard].Node = null;
            return;
        }

        foreach (var document in result.Documents)
        {
            _fetched[(result.Shard, document.Id)] = document;
        }

        if (result.Error is not null)
        {
            _shards[result.Shard].Error = result.Error;
        }

        // All parts, in any order: one of them may have been lost, and is asked for again.
        if (result.Error is not null || fetch.Ids.All(id => _fetched.ContainsKey((result.Shard, id))))
        {
            _fetching.Remove(result.Shard);
            if (_fetching.Count == 0)
            {
                Finish();
            }
        }
    }

    private void Finish()
    {
        foreach (var (requestId, (leaf, _)) in _views.Where(v => v.Value.Shards.Count > 0))
        {
            leaf.Tell(new ReleaseView(requestId));
        }

        var hits = _page.Select(h =>
        {
            var document = _fetched.GetValueOrDefault((h.Shard, h.Hit.Id));
            return new SearchHit(h.Shard.Index, h.Shard, h.Hit.Id, h.Hit.Score, document?.Document, document?.Explanation);
        });
        _done.TrySetResult(new SearchOutcome(
            _timedOut || _leafTimedOut || _shards.Values.Any(p => p.Error?.Type == Errors.TimeoutType),
            _shards.Count,
            _shards.Values.Count(p => p.Error is null),
            [.. _shards.Where(s => s.Value.Error is not null).Select(s => (s.Key, s.Value.Error!))],
            _total,
            _hits.Count == 0 ? null : _hits.Max(h => h.Hit.Score),
            [.. hits])
        {
            TotalIsLowerBound = _totalIsLowerBound, TerminatedEarly = _terminatedEarly, Profiles = [.. _profiles],
        });
        Context.Stop(Self);
    }

    private static ActorSelection Leaf(Address node) => Context.ActorSelection(new RootActorPath(node) / "user" / LeafSearchActor.Name);

    /// <param name="At">When it was sent.</param>
    private sealed record Request(LeafSearch Search, Address Node, long At)
    {
        public bool AskedAgain { get; init; }
    }

    /// <param name="At">When they were asked for first.</param>
    private sealed record FetchProgress(ImmutableArray<string> Ids, long At)
    {
        public bool AskedAgain { get; init; }
    }

    private sealed class ShardProgress(Query query)
    {
        public Query Query { get; } = query;

        public Address? Node { get; set; }

        public Guid RequestId { get; set; }

        public bool Done { get; set; }

        public ErrorInfo? Error { get; set; }

        public bool IsOpen => !Done && Error is null;
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
