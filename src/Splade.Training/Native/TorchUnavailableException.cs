namespace Splade.Training.Native;

/// <summary>libtorch can't be loaded on this machine; the message says why and where the trainer runs.</summary>
internal sealed class TorchUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
