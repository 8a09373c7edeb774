using System.Runtime.InteropServices;

namespace Splade.Cli.Commands;

/// <summary>
/// Ctrl-C (SIGINT), SIGTERM and a terminal that is closed (SIGHUP) as a cancellation: the command ends in order and leaves nothing half done. A second one ends the
/// process at once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>SIGXFSZ, where there are such signals: a file larger than the process may write.</summary>
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, ExitCode.Cancelled)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, ExitCode.Terminated)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => Stop(signal, ExitCode.HungUp)),

        // The writing fails all the same, and can be told and cleaned up after.
        .. OperatingSystem.IsWindows() ? [] : new[] { PosixSignalRegistration.Create(FileSizeExceeded, signal => signal.Cancel = true) },
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
            // Of a closed terminal both the shell and the system may tell.
            signal.Cancel = signal.Signal == PosixSignal.SIGHUP;
            return;
        }

        signal.Cancel = true;
        ExitCodeOfSignal = exitCode;

        // Without a terminal there is nobody to tell.
        if (exitCode != ExitCode.HungUp && !Console.IsErrorRedirected)
        {
            Console.Error.WriteLine("splade: stopping (again ends it at once)");
        }

        _stop.Cancel();
    }
}
