using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding.Pruning;

namespace Splade.Cluster.Encoding;

/// <summary>Encoded queries by model, pruning and text; the least recently used are forgotten first.</summary>
internal sealed class QueryCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Fingerprint, PruneSettings? Pruning, string Text), LinkedListNode<((string, PruneSettings?, string) Key, EncodedDocument Query)>> _entries = [];
    private readonly LinkedList<((string, PruneSettings?, string) Key, EncodedDocument Query)> _byUse = new();

    public EncodedDocument? Find((string Fingerprint, PruneSettings? Pruning, string Text) key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Query;
        }
    }

    public void Add((string Fingerprint, PruneSettings? Pruning, string Text) key, EncodedDocument query)
    {
        lock (_lock)
        {
            if (_entries.ContainsKey(key))
            {
                return;
            }

            _entries.Add(key, _byUse.AddFirst((key, query)));
            if (_entries.Count > capacity)
            {
                _entries.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }
        }
    }
}
