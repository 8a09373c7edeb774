using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Search.Leaf;
using Splade.Index;

namespace Splade.Cluster.Search;

/// <summary>The read path of a coordinator.</summary>
internal sealed class SearchService(ActorSystem system, QueryBinder binder, INodeDirectory directory, SearchOptions options, TimeProvider time)
{
    public async Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        if (request.MinScore is not null)
        {
            throw Errors.IllegalArgument("[min_score] is not supported yet");
        }

        var start = time.GetTimestamp();
        var now = time.GetUtcNow();
        var deadline = now + (request.Timeout ?? options.DefaultTimeout);
        ImmutableArray<IndexMetadata> indices = [.. request.Indices.DistinctBy(i => i.Uuid)];
        var parts = ImmutableArray.CreateBuilder<(ImmutableArray<ShardId>, Query)>(indices.Length);
        try
        {
            foreach (var index in indices)
            {
                parts.Add(([.. index.Shards], await binder.BindAsync(request.Query, index, deadline, cancellationToken).ConfigureAwait(false)));
            }
        }
        catch (SearchClusterException late) when (request.Timeout is not null && late.Error.Type == Errors.TimeoutType && time.GetUtcNow() >= deadline)
        {
            // The time was over before the query had a vector.
            ImmutableArray<(ShardId, ErrorInfo)> all = [.. indices.SelectMany(i => i.Shards).Select(s => (s, late.Error))];
            return new SearchResult(time.GetElapsedTime(start), true, all.Length, 0, all, 0, null, []);
        }

        var placement = now + options.PlacementTimeout;
        var plan = new SearchPlan(
            parts.ToImmutable(), request.From, request.Size, deadline, placement < deadline ? placement : deadline, request.FetchSource, request.Explain)
        {
            Mode = new SearchMode(request.Query.Approximation?.BoundScale ?? 1.0, request.Query.Approximation?.MaxSuperblocks, request.CountLimit, request.Profile),
        };
        var done = new TaskCompletionSource<SearchOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new SearchRequestActor(plan, directory, time, done)));
        var outcome = await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new SearchResult(
            time.GetElapsedTime(start), outcome.TimedOut, outcome.ShardsTotal, outcome.ShardsSuccessful, outcome.Failures, outcome.Total, outcome.MaxScore, outcome.Hits)
        {
            TotalIsLowerBound = outcome.TotalIsLowerBound, TerminatedEarly = outcome.TerminatedEarly, Profiles = outcome.Profiles,
        };
    }

    public async Task<ScoreExplanation?> ExplainAsync(IndexMetadata index, string id, SearchQuery query, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + options.DefaultTimeout;
        var bound = await binder.BindAsync(query, index, deadline, cancellationToken).ConfigureAwait(false);
        var shard = SlotRouter.Locate(index, id);
        if (directory.ProblemOf(shard) is { } problem)
        {
            throw Errors.CanNotOpen(shard, problem);
        }

        using var patience = new CancellationTokenSource(options.PlacementTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await directory.WaitForShardsAsync([shard], either.Token).ConfigureAwait(false);
            var node = directory.LeaderOf(shard) ?? throw new TimeoutException();
            var result = await system.ActorSelection(new RootActorPath(node) / "user" / LeafSearchActor.Name)
                .Ask<FetchResult>(new FetchHits(Guid.NewGuid(), shard, [id], bound, deadline), options.DefaultTimeout, cancellationToken).ConfigureAwait(false);
            return result.Error is { } error ? throw new SearchClusterException(error) : result.Documents[0].Document is null ? null : result.Documents[0].Explanation;
        }
        catch (Exception exception) when (exception is TimeoutException or AskTimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw Errors.Of("no_shard_available_action_exception", $"[{shard.DisplayName}] the shard does not answer", 503);
        }
    }
}
