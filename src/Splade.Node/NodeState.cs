using System.Globalization;
using Splade.Node.Rest.Errors;

namespace Splade.Node;

/// <summary>What of the node runs so far: nothing while it starts, then its runtime until it stops; another one after the cluster removed it.</summary>
internal sealed class NodeState(TimeProvider time) : IDisposable
{
    /// <summary>More than a node tries to join for.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private long _since = time.GetTimestamp();
    private CancellationTokenSource _abandoned = new();
    private bool _disposed;
    private volatile TaskCompletionSource? _comesBack;
    private volatile string? _ended;
    private volatile INodeRuntime? _runtime;
    private volatile bool _stopping;
    private volatile string? _starting;

    public INodeRuntime? Runtime => _runtime;

    public bool IsReady => !_stopping && _comesBack is null && _runtime is { IsReady: true };

    public IReadOnlyList<string> NotReadyReasons => (_stopping, _runtime) switch
    {
        (true, { Terminated.IsCompleted: true } ended) => [_ended ?? ended.EndReason],
        (true, _) => ["the node is stopping"],
        (_, null) => [Starting],
        _ when _comesBack is not null => [ComesBack],
        (_, var runtime) => runtime.NotReadyReasons,
    };

    private string Starting => _starting is { } what
        ? string.Create(CultureInfo.InvariantCulture, $"the node has been starting for {time.GetElapsedTime(_since).TotalSeconds:F0} s: it {what}")
        : "the node is starting";

    private string ComesBack => string.Create(
        CultureInfo.InvariantCulture,
        $"the other nodes could not reach this node for too long and removed it; it has been joining them again for {time.GetElapsedTime(Interlocked.Read(ref _since)).TotalSeconds:F0} s{(_starting is { } what ? ": it " + what : "")}");

    /// <param name="what">What the node does or waits for: the end of a sentence that begins with the node.</param>
    public void Starts(string what) => _starting = what;

    public void Started(INodeRuntime runtime)
    {
        _runtime = runtime;
        var back = _comesBack;
        _comesBack = null;
        back?.TrySetResult();
    }

    /// <summary>Requests that are not answered by then get a 503: the node ends, or has to join its cluster again.</summary>
    public CancellationToken Abandoned
    {
        get
        {
            lock (_lock)
            {
                return _abandoned.Token;
            }
        }
    }

    /// <summary>The cluster removed the node: requests that run get a 503, new ones wait or are refused until another runtime has started.</summary>
    public void Removed()
    {
        CancellationTokenSource abandoned;
        lock (_lock)
        {
            if (_disposed || _stopping)
            {
                return;
            }

            _starting = null;
            Interlocked.Exchange(ref _since, time.GetTimestamp());
            _comesBack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (abandoned, _abandoned) = (_abandoned, new CancellationTokenSource());
        }

        abandoned.Cancel();
        abandoned.Dispose();
    }

    /// <summary>Waits while the node joins its cluster again; no time at all in any other state.</summary>
    public async Task WaitUntilBackAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (_comesBack is not { } back || patience <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await back.Task.WaitAsync(patience < LongestWait ? patience : LongestWait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The request is refused with the reason.
        }
    }

    /// <summary>The node ended by itself, for good.</summary>
    /// <param name="reason">A sentence that says what to do.</param>
    public void Ended(string reason)
    {
        _ended = reason;
        Stopping(TimeSpan.Zero);
        _comesBack?.TrySetResult();
    }

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
