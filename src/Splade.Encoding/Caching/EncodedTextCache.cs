using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Splade.Encoding.Caching;

/// <summary>
/// Encodes documents, but none twice: a text that the same model (by its fingerprint) encoded with the same settings gets the vector that is there.
/// Texts are known by their SHA-256. Bounded in bytes; what was not used for longest goes first. Safe for concurrent use.
/// </summary>
/// <param name="capacityBytes">0 keeps nothing; texts repeated inside a call are encoded once all the same.</param>
public sealed class EncodedTextCache(long capacityBytes)
{
    /// <summary>Of an entry, beside its arrays: nodes, keys and headers, estimated.</summary>
    private const int EntryOverhead = 300;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<(Key Key, EncodedText Text)>> _entries = [];
    private readonly LinkedList<(Key Key, EncodedText Text)> _byUse = new();
    private long _bytes;

    /// <summary>Estimated bytes of what is kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <inheritdoc cref="ISparseEncoder.EncodeDocuments"/>
    public IReadOnlyList<EncodedText> EncodeDocuments(
        ISparseEncoder encoder, IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(settings);
        var keys = new Key[texts.Count];
        var result = new EncodedText?[texts.Count];
        var missing = new Dictionary<Key, int>();
        var missingTexts = new List<string>();
        for (var i = 0; i < texts.Count; i++)
        {
            keys[i] = Key.Of(encoder.Description.Fingerprint, settings, texts[i]);
            if (Find(keys[i]) is { } known)
            {
                result[i] = known;
            }
            else if (missing.TryAdd(keys[i], missingTexts.Count))
            {
                missingTexts.Add(texts[i]);
            }
        }

        if (missingTexts.Count > 0)
        {
            var encoded = encoder.EncodeDocuments(missingTexts, settings, cancellationToken);
            foreach (var (key, place) in missing)
            {
                Add(key, encoded[place]);
            }

            for (var i = 0; i < texts.Count; i++)
            {
                result[i] ??= encoded[missing[keys[i]]];
            }
        }

        EncodingMetrics.Cached(encoder.Description.Name, texts.Count - missingTexts.Count, missingTexts.Count);
        return result!;
    }

    private EncodedText? Find(Key key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Text;
        }
    }

    private void Add(Key key, EncodedText text)
    {
        var bytes = Size(text);
        if (bytes > capacityBytes)
        {
            return;
        }

        lock (_lock)
        {
            // Another call may have encoded the same text meanwhile.
            if (_entries.ContainsKey(key))
            {
                return;
            }

            _entries.Add(key, _byUse.AddFirst((key, text)));
            for (_bytes += bytes; _bytes > capacityBytes;)
            {
                var (oldest, vector) = _byUse.Last!.Value;
                _entries.Remove(oldest);
                _byUse.RemoveLast();
                _bytes -= Size(vector);
            }
        }
    }

    private static long Size(EncodedText text) => EntryOverhead + (8L * text.Indices.Length);

    private sealed record Key(string Fingerprint, EncodingSettings Settings, UInt128 High, UInt128 Low)
    {
        public static Key Of(string fingerprint, EncodingSettings settings, string text)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
            return new Key(fingerprint, settings, MemoryMarshal.Read<UInt128>(hash), MemoryMarshal.Read<UInt128>(hash[16..]));
        }
    }
}
