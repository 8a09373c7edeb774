using Splade.Cluster.Protocol;

namespace Splade.Cluster.Api;

/// <summary>
/// Keeps the writes of one request on one document in order where one of them is refused for now. A client sends that one again, and would put it
/// over a later one that was carried out meanwhile. So later ones are refused too, and sent again all together they are in order.
/// </summary>
public sealed class WriteOrder
{
    private readonly Dictionary<(string Index, string Id), ErrorInfo> _refused = [];

    /// <summary>Remembers a write that failed. A document's own fault is none of this: sending it again would not help.</summary>
    public void Failed(string index, string id, ErrorInfo error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (error.Status is 408 or 429 or 502 or 503 or 504)
        {
            _refused.TryAdd((index, id), error);
        }
    }

    /// <summary>Why a write on the document must not be carried out; null when it may be.</summary>
    public ErrorInfo? Forbids(string index, string id) => _refused.GetValueOrDefault((index, id)) is { } refused
        ? refused with { Reason = $"[{id}] not carried out, because an earlier write on the document in the same request was refused: {refused.Reason}" }
        : null;
}
