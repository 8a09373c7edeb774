using Splade.Cluster.Hosting;
using Splade.Node.Tests.Support;

namespace Splade.Node.Tests;

/// <summary>A node that the cluster removed while its process lives joins again.</summary>
public sealed class ComesBackTests : IAsyncLifetime
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);
    private readonly InMemoryRuntime _first = new(new InMemoryCluster()) { WasRemoved = true };
    private readonly InMemoryCluster _cluster = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<INodeRuntime> _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestNode _node = null!;
    private Action<string> _starting = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync(_cluster, _first, (_, starting, stop) =>
    {
        if (_starting is null)
        {
            _starting = starting;
            return Task.FromResult<INodeRuntime>(_first);
        }

        _asked.SetResult();
        return _second.Task.WaitAsync(stop);
    });

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task With_another_runtime_at_the_same_address()
    {
        await RemoveAsync();
        _first.Disposed.ShouldBeTrue();
        var runtime = new InMemoryRuntime(_cluster);
        _second.SetResult(runtime);
        (await _node.GetAsync("/_cluster/health?timeout=1m")).Status.ShouldBe(200);
        (await _node.GetAsync("/health/ready")).Status.ShouldBe(200);
        _node.Node.Runtime.ShouldBe(runtime);
        _node.Node.Ended.IsCompleted.ShouldBeFalse();
        await _node.Node.DisposeAsync();
        runtime.Disposed.ShouldBeTrue();
    }

    [Fact]
    public async Task Meanwhile_a_request_with_a_timeout_waits_and_others_get_the_reason()
    {
        await RemoveAsync();
        _starting("waits for the catalog");
        var waiting = _node.GetAsync("/_cluster/health?timeout=5m");
        foreach (var target in (string[])["/_search", "/_cluster/health?timeout=1ms", "/health/ready"])
        {
            var refused = await _node.GetAsync(target);
            (refused.Status, refused.Text.Contains("removed it; it has been joining them again for"), refused.Text.Contains("it waits for the catalog")).ShouldBe((503, true, true));
        }

        waiting.IsCompleted.ShouldBeFalse();
        _second.SetResult(new InMemoryRuntime(_cluster));
        (await waiting).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Or_ends_with_the_reason_why_it_can_not()
    {
        await RemoveAsync();
        var waiting = _node.GetAsync("/_cluster/health?timeout=5m");
        _second.SetException(new NodeStartException("nobody is there."));
        (await _node.Node.Ended.WaitAsync(Wait)).ShouldBe("the others removed it It could not join them again by itself: nobody is there.");
        (await waiting).ShouldBeError(503, "cluster_block_exception", "nobody is there");
    }

    [Fact]
    public async Task And_stops_when_it_is_told_to_meanwhile()
    {
        await RemoveAsync();
        await _node.Node.DisposeAsync();
        _node.Node.Ended.IsCompleted.ShouldBeTrue();
    }

    /// <summary>A request that runs gets a 503; the node has begun to join again.</summary>
    private async Task RemoveAsync()
    {
        var running = _node.GetAsync("/_cluster/health?wait_for_nodes=9&timeout=10m");
        await ((InMemoryCluster)_first.Cluster!).Viewed;
        _first.End();
        (await running).ShouldBeError(503, "cluster_block_exception", "The outcome of the request is not known");
        await _asked.Task.WaitAsync(Wait);
    }
}
