using System.Collections.Concurrent;

namespace Splade.Encoding.Tokenizing.Models;

/// <summary>Pieces of words seen before, with places relative to the word. Full once, it takes up no more: frequent words come early.</summary>
internal sealed class PieceCache
{
    private const int MaxWords = 1 << 16;
    private const int MaxLength = 64;
    private readonly ConcurrentDictionary<string, PieceOccurrence[]> _words = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PieceOccurrence[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private int _count;

    public PieceCache() => _lookup = _words.GetAlternateLookup<ReadOnlySpan<char>>();

    public bool TryGet(ReadOnlySpan<char> word, out PieceOccurrence[] pieces)
    {
        pieces = [];
        return word.Length <= MaxLength && _lookup.TryGetValue(word, out pieces!);
    }

    public void Add(ReadOnlySpan<char> word, ReadOnlySpan<PieceOccurrence> pieces)
    {
        if (word.Length <= MaxLength && Volatile.Read(ref _count) < MaxWords && _lookup.TryAdd(word, pieces.ToArray()))
        {
            Interlocked.Increment(ref _count);
        }
    }
}
