namespace Splade.Cluster.Hosting;

/// <summary>A node can't start. The message is one line that says what to do.</summary>
public sealed class NodeStartException(string message, Exception? inner = null) : Exception(message, inner);
