namespace Splade.Encoding;

/// <summary>Where a model runs.</summary>
public enum ExecutionProvider
{
    /// <summary>CUDA where this build and machine have it, else the CPU.</summary>
    Auto = 0,
    Cpu = 1,
    Cuda = 2,
}

/// <summary>Settings of an encoder.</summary>
public sealed record EncoderOptions
{
    /// <summary>Threads of one inference; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Tokens of one inference, padding included.</summary>
    public int BatchTokens { get; init; } = 4096;

    /// <summary>Texts of one inference.</summary>
    public int BatchTexts { get; init; } = 32;

    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Auto;

    /// <summary>Gets one line for the log when CUDA was there to be used but failed, so that the CPU does the work.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchTexts, 1);
    }
}
