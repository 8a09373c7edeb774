using System.Runtime.InteropServices;

namespace Splade.Cli.Commands;

/// <summary>Ctrl-C (SIGINT) and SIGTERM as a cancellation: the command ends in order and leaves nothing half done. A second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, ExitCode.Cancelled)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, ExitCode.Terminated)),
    ];

    public CancellationToken Token => _stop.Token;

    /// <summary>That of the signal.</summary>
    public int ExitCodeOfSignal { get; private set; } = ExitCode.Cancelled;

    public void Dispose()
    {
        Array.ForEach(_registrations, r => r.Dispose());
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext signal, int exitCode)
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        signal.Cancel = true;
        ExitCodeOfSignal = exitCode;
        if (!Console.IsErrorRedirected)
        {
            Console.Error.WriteLine("splade: stopping (again ends it at once)");
        }

        _stop.Cancel();
    }
}
