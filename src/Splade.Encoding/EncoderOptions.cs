using Splade.Encoding.Onnx;

namespace Splade.Encoding;

/// <summary>Where a model runs.</summary>
public enum ExecutionProvider
{
    /// <summary>CUDA where this build and machine have it, else the CPU.</summary>
    Auto = 0,
    Cpu = 1,

    /// <summary>CUDA or an error.</summary>
    Cuda = 2,
}

/// <summary>Settings of an encoder.</summary>
public sealed record EncoderOptions
{
    /// <summary>Threads that encode documents, and of one inference of a query; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Tokens of one inference, padding included; 0 for what suits the device.</summary>
    public int BatchTokens { get; init; }

    /// <summary>Texts of one inference; 0 for what suits the device.</summary>
    public int BatchTexts { get; init; }

    /// <summary>
    /// Idle threads of ONNX Runtime wait for work in a loop. Saves microseconds an operator, takes whole cores from search and tokenizing.
    /// </summary>
    public bool Spin { get; init; }

    /// <summary>
    /// On the CPU, queries that run through the model of documents get a session of their own, so that they never wait for documents: for nodes, which
    /// do both at once. Loads the model twice, up to 1 GB of weights.
    /// </summary>
    public bool QueryLane { get; init; }

    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Auto;

    /// <summary>Which CUDA device.</summary>
    public int DeviceId { get; init; }

    /// <summary>Bytes of device memory that a model may take; 0 for no limit.</summary>
    public long DeviceMemoryBytes { get; init; }

    /// <summary>
    /// Nothing may run on the CPU, unless <see cref="ExecutionProvider.Cpu"/> is asked for: where CUDA can't be used, and where a model has operators that
    /// it lacks, models are refused.
    /// </summary>
    public bool StrictDevice { get; init; }

    /// <summary>Gets one line for the log when CUDA was there to be used but failed, so that the CPU does the work.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>CUDA or an error.</summary>
    internal bool DemandsCuda => Provider == ExecutionProvider.Cuda || (Provider == ExecutionProvider.Auto && StrictDevice);

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfNegative(BatchTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(BatchTexts);
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceId);
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceMemoryBytes);
    }

    /// <summary>Looks for the device before any model is loaded.</summary>
    /// <exception cref="OnnxRuntimeUnavailableException">CUDA was demanded and can't be had; the message says why in one line.</exception>
    public void CheckDevice()
    {
        if (DemandsCuda)
        {
            SessionFactory.RequireCuda(this);
        }
    }
}
