namespace Splade.Cluster.Protocol;

/// <summary>A refusal or failure as its caller sees it: a stable type, a sentence that says what to do, an HTTP-like status.</summary>
/// <param name="Type">Type name of the REST dialect, e.g. <c>index_not_found_exception</c>.</param>
public sealed record ErrorInfo(string Type, string Reason, int Status);
