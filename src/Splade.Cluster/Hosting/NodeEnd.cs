using Akka.Actor;

namespace Splade.Cluster.Hosting;

/// <summary>Ends a node that can't go on, and remembers why.</summary>
internal sealed class NodeEnd(ActorSystem system)
{
    private readonly TaskCompletionSource<string> _reason = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null while the node goes on, and when the other nodes removed it.</summary>
    public string? Reason => _reason.Task.IsCompletedSuccessfully ? _reason.Task.Result : null;

    /// <summary>The first reason counts.</summary>
    public void Because(string reason)
    {
        if (_reason.TrySetResult(reason))
        {
            _ = CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        }
    }

    /// <summary>Fails with the reason, for who waits for a node to start.</summary>
    /// <exception cref="NodeStartException">The node can't go on.</exception>
    public async Task<T> AsStartFailure<T>() => throw new NodeStartException(await _reason.Task.ConfigureAwait(false));
}
