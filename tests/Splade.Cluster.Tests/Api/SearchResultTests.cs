using Splade.Cluster.Api;
using Splade.Cluster.Protocol;

namespace Splade.Cluster.Tests.Api;

/// <summary>When a search has failed as a whole, and when what it found is an answer.</summary>
public sealed class SearchResultTests
{
    private static readonly ErrorInfo Late = new("timeout_exception", "the shard did not answer in time", 504);
    private static readonly ErrorInfo Broken = new("io_exception", "disk", 500);
    private static readonly SearchRequest Plain = new([], new MatchAllSearch(), 0, 10);
    private static readonly SearchRequest Timed = Plain with { Timeout = TimeSpan.FromSeconds(1) };

    [Fact]
    public void A_search_without_failures_has_not_failed_whether_or_not_it_asked_shards()
    {
        foreach (var successful in (int[])[0, 2])
        {
            Result(successful).FailureOf(Whole(Plain)).ShouldBeNull();
            Result(successful).FailureOf(Plain).ShouldBeNull();
        }
    }

    [Fact]
    public void Some_hits_are_an_answer_unless_partial_results_are_not_allowed()
    {
        Result(1, Broken).FailureOf(Plain).ShouldBeNull();
        Result(1, Late).FailureOf(Timed).ShouldBeNull();
        Result(1, Broken).FailureOf(Whole(Plain)).ShouldBe("Partial shards failure");
        Result(1, Late).FailureOf(Whole(Timed)).ShouldBe("Partial shards failure");
    }

    [Fact]
    public void A_search_that_no_shard_answered_has_failed_unless_its_own_time_was_over()
    {
        Result(0, Broken, Broken).FailureOf(Plain).ShouldBe("all shards failed");
        Result(0, Broken).FailureOf(Timed).ShouldBe("all shards failed");
        Result(0, Late).FailureOf(Plain).ShouldBe("all shards failed");
        Result(0, Late, Broken).FailureOf(Timed).ShouldBe("all shards failed");
        Result(0, Late, Late).FailureOf(Timed).ShouldBeNull();
        Result(0, Late, Late).FailureOf(Whole(Timed)).ShouldBe("Partial shards failure");
    }

    private static SearchRequest Whole(SearchRequest request) => request with { AllowPartialResults = false };

    private static SearchResult Result(int successful, params ErrorInfo[] errors) => new(
        TimeSpan.Zero, errors.Contains(Late), successful + errors.Length, successful,
        [.. errors.Select((e, i) => (new ShardId("i", "u", ShardId.AllLanguages, i), e))], 0, null, []);
}
