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

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchTexts, 1);
    }
}
