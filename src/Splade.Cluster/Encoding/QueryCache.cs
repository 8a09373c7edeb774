using Splade.Cluster.Protocol.Encoding;

namespace Splade.Cluster.Encoding;

/// <summary>Encoded queries, the least recently used forgotten first.</summary>
internal sealed class QueryCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Fingerprint, string Text), LinkedListNode<((string, string) Key, EncodedDocument Query)>> _entries = [];
    private readonly LinkedList<((string, string) Key, EncodedDocument Query)> _byUse = new();

    public EncodedDocument? Find(string fingerprint, string text)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue((fingerprint, text), out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Query;
        }
    }

    public void Add(string fingerprint, string text, EncodedDocument query)
    {
        lock (_lock)
        {
            if (_entries.ContainsKey((fingerprint, text)))
            {
                return;
            }

            _entries.Add((fingerprint, text), _byUse.AddFirst(((fingerprint, text), query)));
            if (_entries.Count > capacity)
            {
                _entries.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }
        }
    }
}
