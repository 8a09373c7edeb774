namespace Splade.Cli;

/// <summary>What the process answers.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command ran and something of it failed.</summary>
    public const int Failed = 1;

    /// <summary>Ended by SIGHUP, as shells count it.</summary>
    public const int HungUp = 129;

    /// <summary>Ended by Ctrl-C, as shells count it.</summary>
    public const int Cancelled = 130;

    /// <summary>Ended by SIGTERM, as shells count it.</summary>
    public const int Terminated = 143;
}

/// <summary>A failure for the user: one line on standard error, no stack trace.</summary>
internal class CliException(string message, Exception? inner = null) : Exception(message, inner);
