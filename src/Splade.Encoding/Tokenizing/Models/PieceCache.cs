using System.Numerics;
using System.Runtime.Intrinsics;

namespace Splade.Encoding.Tokenizing.Models;

/// <summary>
/// Pieces of words seen before, with places relative to the word. Four words share a set of a table; the oldest goes for a new one, so that the frequent
/// words of whatever text comes are there. Safe for concurrent use without locks: entries never change, and tell their word.
/// </summary>
internal sealed class PieceCache
{
    private const int Ways = 4;
    private const int SetBits = 14;
    private const int MaxLength = 40;
    private const uint HashStart = 2_166_136_261;
    private readonly uint[] _hashes = new uint[Ways << SetBits];
    private readonly Entry?[] _entries = new Entry?[Ways << SetBits];

    public static uint StartHash => HashStart;

    /// <summary>The hash of a word and one more character.</summary>
    public static uint AddHash(uint hash, char c) => (hash ^ c) * 0x9E37_79B1;

    public static uint Hash(ReadOnlySpan<char> word)
    {
        var hash = HashStart;
        foreach (var c in word)
        {
            hash = AddHash(hash, c);
        }

        return hash;
    }

    /// <param name="hash">Of the word, from <see cref="AddHash"/>.</param>
    public Entry? Find(ReadOnlySpan<char> word, uint hash)
    {
        var set = SetOf(hash);
        var same = Vector128.Equals(Vector128.Create(hash), Vector128.Create(_hashes.AsSpan(set, Ways))).ExtractMostSignificantBits();
        for (; same != 0; same &= same - 1)
        {
            if (_entries[set + BitOperations.TrailingZeroCount(same)] is { } entry && entry.Is(word))
            {
                return entry;
            }
        }

        return null;
    }

    /// <param name="offset">What is taken off the places of the pieces.</param>
    public void Add(ReadOnlySpan<char> word, uint hash, ReadOnlySpan<PieceOccurrence> pieces, int offset)
    {
        if (word.Length > MaxLength || pieces.IsEmpty)
        {
            return;
        }

        var relative = new PieceOccurrence[pieces.Length];
        for (var i = 0; i < relative.Length; i++)
        {
            relative[i] = new PieceOccurrence(pieces[i].Id, pieces[i].Start - offset, pieces[i].End - offset);
        }

        var set = SetOf(hash);
        for (var way = Ways - 1; way > 0; way--)
        {
            Put(set + way, _hashes[set + way - 1], _entries[set + way - 1]);
        }

        Put(set, hash, new Entry(word.ToString(), relative));
    }

    /// <summary>By the upper bits, which depend on all characters.</summary>
    private static int SetOf(uint hash) => (int)(hash >> (32 - SetBits)) * Ways;

    private void Put(int place, uint hash, Entry? entry)
    {
        Volatile.Write(ref _entries[place], entry);
        _hashes[place] = hash;
    }

    internal sealed class Entry(string word, PieceOccurrence[] pieces)
    {
        private readonly string _word = word;

        /// <summary>The first piece, which is mostly the only one.</summary>
        public readonly PieceOccurrence First = pieces[0];

        /// <summary>All pieces; null when there is only one.</summary>
        public readonly PieceOccurrence[]? Several = pieces.Length > 1 ? pieces : null;

        public bool Is(ReadOnlySpan<char> word) => word.SequenceEqual(_word);
    }
}
