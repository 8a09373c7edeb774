namespace Splade.Encoding;

/// <summary>CUDA was demanded, but this build or machine has none.</summary>
public sealed class OnnxRuntimeUnavailableException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
