using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Splade.Encoding.Caching;

/// <summary>
/// Encodes documents, but none twice: a text that the same model (by its fingerprint) encoded with the same settings gets the vector that is there.
/// Sparse and dense vectors share the room. Texts are known by their SHA-256. Bounded in bytes; what was not used for longest goes first. Safe for concurrent use.
/// </summary>
/// <param name="capacityBytes">0 keeps nothing; texts repeated inside a call are encoded once all the same.</param>
public sealed class EncodedTextCache(long capacityBytes)
{
    /// <summary>Of an entry, beside its arrays: nodes, keys and headers, estimated.</summary>
    private const int EntryOverhead = 300;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>Estimated bytes of what is kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <inheritdoc cref="ISparseEncoder.EncodeDocuments"/>
    public IReadOnlyList<EncodedText> EncodeDocuments(
        ISparseEncoder encoder, IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(settings);
        return Encode(encoder.Description, texts, settings, missing => encoder.EncodeDocuments(missing, settings, cancellationToken), text => 8L * (text.Indices.Length + text.FurtherPassages.Sum(p => p.Indices.Length)));
    }

    /// <inheritdoc cref="IDenseEncoder.EncodeDocuments"/>
    public IReadOnlyList<EmbeddedText> EncodeDocuments(
        IDenseEncoder encoder, IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(settings);

        // Pruning has no effect on dense vectors: fields that differ in it share them.
        return Encode(
            encoder.Description,
            texts,
            new EncodingSettings { Chunking = settings.Chunking },
            missing => encoder.EncodeDocuments(missing, settings, cancellationToken),
            text => 4L * text.Vector.Length);
    }

    /// <param name="bytes">Of a vector.</param>
    private T[] Encode<T>(
        ModelDescription model, IReadOnlyList<string> texts, EncodingSettings settings, Func<List<string>, IReadOnlyList<T>> encode, Func<T, long> bytes)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(texts);
        var keys = new Key[texts.Count];
        var result = new T?[texts.Count];
        var missing = new Dictionary<Key, int>();
        var missingTexts = new List<string>();
        for (var i = 0; i < texts.Count; i++)
        {
            keys[i] = Key.Of(model.Fingerprint, settings, texts[i]);
            if (Find(keys[i]) is T known)
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
            var encoded = encode(missingTexts);
            foreach (var (key, place) in missing)
            {
                Add(new Entry(key, encoded[place], EntryOverhead + bytes(encoded[place])));
            }

            for (var i = 0; i < texts.Count; i++)
            {
                result[i] ??= encoded[missing[keys[i]]];
            }
        }

        EncodingMetrics.Cached(model.Name, texts.Count - missingTexts.Count, missingTexts.Count);
        return result!;
    }

    private object? Find(Key key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Vector;
        }
    }

    private void Add(Entry entry)
    {
        if (entry.Bytes > capacityBytes)
        {
            return;
        }

        lock (_lock)
        {
            // Another call may have encoded the same text meanwhile.
            if (_entries.ContainsKey(entry.Key))
            {
                return;
            }

            _entries.Add(entry.Key, _byUse.AddFirst(entry));
            for (_bytes += entry.Bytes; _bytes > capacityBytes;)
            {
                var oldest = _byUse.Last!.Value;
                _entries.Remove(oldest.Key);
                _byUse.RemoveLast();
                _bytes -= oldest.Bytes;
            }
        }
    }

    /// <param name="Vector">An <see cref="EncodedText"/> or an <see cref="EmbeddedText"/>, as the model of the key makes them.</param>
    private sealed record Entry(Key Key, object Vector, long Bytes);

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
