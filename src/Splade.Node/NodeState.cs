using System.Globalization;
using Splade.Node.Rest.Errors;

namespace Splade.Node;

/// <summary>What of the node runs so far: nothing while it starts, then its runtime until it stops.</summary>
internal sealed class NodeState(TimeProvider time) : IDisposable
{
    private readonly long _created = time.GetTimestamp();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Lock _lock = new();
    private bool _disposed;
    private volatile INodeRuntime? _runtime;
    private volatile bool _stopping;
    private volatile string? _starting;

    public INodeRuntime? Runtime => _runtime;

    public bool IsReady => !_stopping && _runtime is { IsReady: true };

    public IReadOnlyList<string> NotReadyReasons => (_stopping, _runtime) switch
    {
        (true, { Terminated.IsCompleted: true } ended) => [ended.EndReason],
        (true, _) => ["the node is stopping"],
        (_, null) => [Starting],
        (_, var runtime) => runtime.NotReadyReasons,
    };

    private string Starting => _starting is { } what
        ? string.Create(CultureInfo.InvariantCulture, $"the node has been starting for {time.GetElapsedTime(_created).TotalSeconds:F0} s: it {what}")
        : "the node is starting";

    /// <param name="what">What the node does or waits for: the end of a sentence that begins with the node.</param>
    public void Starts(string what) => _starting = what;

    public void Started(INodeRuntime runtime) => _runtime = runtime;

    /// <summary>Requests that are not answered by then get a 503: the node ends.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <param name="patience">How long requests that run have left.</param>
    public void Stopping(TimeSpan patience)
    {
        _stopping = true;
        lock (_lock)
        {
            if (!_disposed)
            {
                _abandoned.CancelAfter(patience);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _abandoned.Dispose();
        }
    }

    /// <exception cref="RestException">The node does not serve the API, or not yet.</exception>
    public void RequireCluster()
    {
        if (!IsReady)
        {
            throw NotReady();
        }

        if (_runtime!.Cluster is null)
        {
            var coordinators = _runtime.CoordinatorUrls;
            throw RestErrors.IllegalArgument(
                $"node [{_runtime.Node.Name}] has the roles [{string.Join(", ", _runtime.Node.Roles)}] and serves no API: "
                + (coordinators.Count == 0 ? "send the request to a node with the coordinator role" : $"send the request to {string.Join(" or ", coordinators)}"));
        }
    }

    /// <summary>What a request gets that the node can't answer, or not any more.</summary>
    public RestException NotReady(string? more = null) => new(new RestError(
        503, "cluster_block_exception", $"blocked by: [SERVICE_UNAVAILABLE/1/node not ready]: {string.Join("; ", NotReadyReasons)}{more}"));
}
