namespace Splade.Node;

/// <summary>A node can't start. The message is one line that says what to do, fit for standard error.</summary>
public sealed class NodeStartException(string message, Exception? inner = null) : Exception(message, inner);
