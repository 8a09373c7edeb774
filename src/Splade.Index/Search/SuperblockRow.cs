using System.Numerics;
using System.Runtime.CompilerServices;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Superblocks of a sparse list's postings, read from its bits eight at a time: the i-th 1 of all, at bit b, is a posting in superblock b - i. A table has
/// what the ones of a byte add to the superblock at its first bit, so that there is no branch for each posting to mispredict.
/// </summary>
internal sealed unsafe class SuperblockRow
{
    /// <summary>What is added to all, so that none is below 0: a word starts up to 63 superblocks before the one that is wanted.</summary>
    public const int Offset = 64;

    /// <summary>Superblocks that it can hold, and so many that no other word is begun.</summary>
    public const int Length = 1024;
    private const int Full = Length - BitsInWord;

    private const int BitsInWord = 64;
    private const ulong EachByte = 0x0101_0101_0101_0101;

    private readonly Scratch<byte> _memory = new();
    private readonly byte* _first;

    public SuperblockRow() => _first = _memory.Ensure(BitsInWord + Length + BitsInWord) + BitsInWord;

    /// <summary>Each a superblock, counted from the first that was wanted, plus <see cref="Offset"/>.</summary>
    public byte* Pointer => _first;

    /// <summary>Reads the superblocks of the next postings.</summary>
    /// <param name="list">The list.</param>
    /// <param name="superblock">The first superblock that is wanted.</param>
    /// <param name="count">How many are wanted, at most 128.</param>
    /// <param name="cursor">The first posting; goes to the one after the last that was read, negative when the list is damaged.</param>
    /// <returns>Whether these were all.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Read(in SparseList list, int superblock, int count, ref SparseCursor cursor)
    {
        var words = list.Words;
        var (word, firstInWord) = (cursor.Word, cursor.FirstInWord);

        // What is in front of the row is of postings that have been read before.
        var next = _first - (cursor.Posting - firstInWord);

        // The superblock at the word's first bit.
        var start = (int)((word * (long)BitsInWord) - firstInWord - superblock);
        while (true)
        {
            var bits = words[word];
            var ones = BitOperations.PopCount(bits);
            if (firstInWord + ones > list.Frequency)
            {
                cursor = cursor with { Posting = -1 };
                return true;
            }

            Append(bits, (ulong)(start + Offset) * EachByte, next);
            next += ones;
            start += BitsInWord - ones;
            if (start >= count || word == list.WordCount - 1)
            {
                break;
            }

            word++;
            firstInWord += ones;
            if (next > _first + Full)
            {
                cursor = new SparseCursor(superblock + count, firstInWord, word, firstInWord);
                return false;
            }
        }

        while (next > _first && next[-1] >= count + Offset)
        {
            next--;
        }

        cursor = new SparseCursor(superblock + count, cursor.Posting + (int)(next - _first), word, firstInWord);
        return true;
    }

    /// <summary>Appends those of a word. Writes up to eight more than it has.</summary>
    /// <param name="bits">The word.</param>
    /// <param name="superblock">The superblock at its first bit, in each byte.</param>
    /// <param name="next">Where to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Append(ulong bits, ulong superblock, byte* next)
    {
        AppendByte((byte)bits, ref superblock, ref next);
        AppendByte((byte)(bits >> 8), ref superblock, ref next);
        AppendByte((byte)(bits >> 16), ref superblock, ref next);
        AppendByte((byte)(bits >> 24), ref superblock, ref next);
        AppendByte((byte)(bits >> 32), ref superblock, ref next);
        AppendByte((byte)(bits >> 40), ref superblock, ref next);
        AppendByte((byte)(bits >> 48), ref superblock, ref next);
        AppendByte((byte)(bits >> 56), ref superblock, ref next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AppendByte(byte bits, ref ulong superblock, ref byte* next)
    {
        *(ulong*)next = ByteOnes.ZerosBelow[bits] + superblock;
        var ones = BitOperations.PopCount((uint)bits);
        superblock += (ulong)(8 - ones) * EachByte;
        next += ones;
    }
}
