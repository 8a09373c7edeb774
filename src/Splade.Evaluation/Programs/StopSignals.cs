using System.Runtime.InteropServices;

namespace Splade.Evaluation.Programs;

/// <summary>
/// Ctrl-C (SIGINT), SIGTERM and a terminal that is closed (SIGHUP) as a cancellation: the command ends in order and leaves nothing half done. A second one ends the
/// process at once.
/// </summary>
public sealed class StopSignals : IDisposable
{
    /// <summary>SIGXFSZ, where there are such signals: a file larger than the process may write.</summary>
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    private readonly string _program;
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="program">Who says that it stops.</param>
    public StopSignals(string program)
    {
        _program = program;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, 15)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => Stop(signal, 1)),

            // The writing fails all the same, and can be told and cleaned up after.
            .. OperatingSystem.IsWindows() ? [] : new[] { PosixSignalRegistration.Create(FileSizeExceeded, signal => signal.Cancel = true) },
        ];
    }

    public CancellationToken Token => _stop.Token;

    /// <summary>That of the signal, as shells count it; 0 where there was none.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        Array.ForEach(_registrations, r => r.Dispose());
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext signal, int number)
    {
        if (_stop.IsCancellationRequested)
        {
            // Of a closed terminal both the shell and the system may tell.
            signal.Cancel = signal.Signal == PosixSignal.SIGHUP;
            return;
        }

        signal.Cancel = true;
        ExitCode = 128 + number;

        // Without a terminal there is nobody to tell.
        if (signal.Signal != PosixSignal.SIGHUP && !Console.IsErrorRedirected)
        {
            Console.Error.WriteLine($"{_program}: stopping (again ends it at once)");
        }

        _stop.Cancel();
    }
}
