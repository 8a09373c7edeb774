using System.Net.Sockets;
using Akka.Actor;

namespace Splade.Cluster.Hosting;

/// <summary>What listens at a node's address. The operating system answers, so a node that has no time to is not taken for a dead one.</summary>
internal static class PortProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public static async Task<PortState> AskAsync(Address address, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address.Host!, address.Port!.Value, either.Token).ConfigureAwait(false);
            return PortState.Open;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused ? PortState.Refused : PortState.Silent;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return PortState.Silent;
        }
    }
}

/// <summary>What a connection to an address meets.</summary>
internal enum PortState
{
    /// <summary>A process listens.</summary>
    Open,

    /// <summary>The machine is there and no process listens.</summary>
    Refused,

    /// <summary>No answer, no way there, or no such name.</summary>
    Silent,
}
