namespace Splade.Cli;

/// <summary>What the process answers where no signal ends it.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command ran and something of it failed.</summary>
    public const int Failed = 1;
}

/// <summary>A failure for the user: one line on standard error, no stack trace.</summary>
internal class CliException(string message, Exception? inner = null) : Exception(message, inner);
