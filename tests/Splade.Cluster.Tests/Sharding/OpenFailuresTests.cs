using Splade.Cluster.Protocol;
using Splade.Cluster.Sharding;

namespace Splade.Cluster.Tests.Sharding;

public sealed class OpenFailuresTests
{
    private static readonly ErrorInfo Damage = new("corrupt_index_exception", "damaged", 500);

    [Fact]
    public void The_last_reason_stands_until_the_shard_opens()
    {
        var shard = new ShardId("i", "u", ShardId.AllLanguages, 0);
        var failures = new OpenFailures();
        failures.ProblemOf(shard).ShouldBeNull();
        failures.Next(shard, Damage, TimeSpan.FromSeconds(5));
        failures.Next(shard, Damage with { Reason = "gone" }, TimeSpan.FromSeconds(5));
        failures.ProblemOf(shard)!.Reason.ShouldBe("gone");
        failures.Forget(shard);
        failures.ProblemOf(shard).ShouldBeNull();
    }

    [Fact]
    public void A_shard_that_fails_again_is_tried_ever_more_seldom_until_it_opens()
    {
        var (a, b) = (new ShardId("i", "u", ShardId.AllLanguages, 0), new ShardId("i", "u", ShardId.AllLanguages, 1));
        var failures = new OpenFailures();
        Seconds(a, 6).ShouldBe([5, 10, 20, 40, 60, 60]);
        Seconds(b, 1).ShouldBe([5]);
        Seconds(a, 2000).ShouldAllBe(s => s == 60);
        failures.Forget(a);
        Seconds(a, 2).ShouldBe([5, 10]);

        double[] Seconds(ShardId shard, int times) => [.. Enumerable.Range(0, times).Select(_ => failures.Next(shard, Damage, TimeSpan.FromSeconds(5)).TotalSeconds)];
    }
}
