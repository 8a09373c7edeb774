using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Tests.Api;

/// <summary>A new index names a model that encoders have, or are about to load, or do not have.</summary>
public sealed class SemanticModelsTests
{
    private static readonly Mapping Mine = Mapping.Empty with
    {
        Fields = Mapping.Empty.Fields.Add("body", new FieldMapping(FieldType.SemanticText) { InferenceId = "mine" }),
    };

    [Fact]
    public async Task A_model_that_is_being_loaded_is_waited_for_however_long_the_machine_takes()
    {
        var directory = new PassingTime(second => second < 40 ? FakeDirectory.Loading("mine") : FakeDirectory.Encoder("mine"));
        (await ResolveAsync(directory)).Fields["body"].InferenceId.ShouldBe("mine");
        directory.Seconds.ShouldBe(40);
    }

    [Fact]
    public async Task A_model_that_was_imported_just_now_is_in_the_next_report()
    {
        var directory = new PassingTime(second => second < 2 ? FakeDirectory.Encoder("other") : second < 20 ? FakeDirectory.Loading("mine") : FakeDirectory.Encoder("mine"));
        await ResolveAsync(directory);
        directory.Seconds.ShouldBe(20);
    }

    [Fact]
    public async Task A_model_that_nobody_has_is_refused_after_some_reports()
    {
        var directory = new PassingTime(_ => FakeDirectory.Encoder("other"));
        var refusal = (await Should.ThrowAsync<SearchClusterException>(() => ResolveAsync(directory))).Error;
        refusal.Status.ShouldBe(404);
        refusal.Reason.ShouldContain("[mine]");
        refusal.Reason.ShouldContain("[other]");
        directory.Seconds.ShouldBe(5);
    }

    [Fact]
    public async Task A_model_that_fails_to_load_is_refused_when_that_is_known()
    {
        var directory = new PassingTime(second => second < 12 ? FakeDirectory.Loading("mine") : FakeDirectory.Encoder());
        (await Should.ThrowAsync<SearchClusterException>(() => ResolveAsync(directory))).Error.Status.ShouldBe(404);
        directory.Seconds.ShouldBe(12);
    }

    [Fact]
    public async Task A_model_that_loads_for_too_long_is_a_time_out()
    {
        var directory = new PassingTime(_ => FakeDirectory.Loading("mine"));
        (await Should.ThrowAsync<SearchClusterException>(() => ResolveAsync(directory))).Error.Status.ShouldBe(504);
        directory.Seconds.ShouldBe(60);
    }

    private static Task<Mapping> ResolveAsync(PassingTime directory) => SemanticModels.ResolveAsync(Mine, directory, directory, default);

    /// <summary>What nodes tell at each second; each look and each wait after it takes one.</summary>
    private sealed class PassingTime(Func<int, ClusterView> told) : TimeProvider, INodeDirectory
    {
        private int _looks = -1;

        public int Seconds => _looks;

        public ClusterView Current => told(++_looks);

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Math.Max(_looks, 0);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);

        public Address? LeaderOf(ShardId shard) => null;

        public string? ProblemOf(ShardId shard) => null;

        public IReadOnlyList<Address> NodesOf(string role) => [];

        public Task WaitForShardsAsync(IReadOnlyCollection<ShardId> shards, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
