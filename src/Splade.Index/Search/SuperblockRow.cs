using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Superblocks of a sparse list's postings, read from its bits: the i-th 1 of all, at bit b, is a posting in superblock b - i. Those of a word are moved together by one
/// instruction where the processor has it. Else a table has what the ones of a byte add to the superblock at its first bit; a branch for each posting would be
/// mispredicted.
/// </summary>
internal sealed unsafe class SuperblockRow
{
    /// <summary>Superblocks that it can hold, and so many that no other word is begun.</summary>
    public const int Length = 1024;
    private const int Full = Length - BitsInWord;

    private const int BitsInWord = 64;
    private const ulong EachByte = 0x0101_0101_0101_0101;

    private readonly Scratch<byte> _memory = new();

    public SuperblockRow() => Pointer = _memory.Ensure(Length + BitsInWord);

    /// <summary>Each a superblock, counted from the first that was wanted.</summary>
    public byte* Pointer { get; }

    /// <summary>Reads the superblocks of the next pairs.</summary>
    /// <param name="list">The list.</param>
    /// <param name="superblock">The first superblock that is wanted.</param>
    /// <param name="count">How many are wanted, at most 256.</param>
    /// <param name="cursor">The first pair; goes to the one after the last that was read, negative when the list is damaged.</param>
    /// <returns>Whether these were all.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Read(in SparseList list, int superblock, int count, ref SparseCursor cursor)
    {
        var compress = Simd.CanCompress;
        var words = list.Words;
        var wordCount = list.WordCount;
        var (current, pair) = cursor;
        var bit = (long)current + pair;
        var word = (int)(bit >> 6);
        var shift = (int)bit & (BitsInWord - 1);
        var left = superblock + count - current;
        var next = Pointer;
        var full = next + Full;
        var ended = false;
        while (word < wordCount && !ended && next <= full)
        {
            var bits = words[word] >> shift;
            var ends = ~words[word] >> shift;
            var superblocks = BitOperations.PopCount(ends);
            ended = superblocks >= left;
            bits &= ended ? (1ul << SparseList.Select(ends, left - 1)) - 1 : ulong.MaxValue;
            if (compress)
            {
                AppendCompressed(bits, (byte)(current - superblock), next);
            }
            else
            {
                Append(bits, (ulong)(current - superblock) * EachByte, next);
            }

            var ones = BitOperations.PopCount(bits);
            next += ones;
            pair += ones;
            current += superblocks;
            left -= superblocks;
            shift = 0;
            word++;
        }

        var damaged = pair > list.Pairs || (!ended && word == wordCount);
        cursor = new SparseCursor(ended ? superblock + count : current, damaged ? -1 : pair);
        return ended || damaged;
    }

    /// <summary>The same for the next cells of a celled list, by its directory, up to the next <see cref="BitmapCell"/>.</summary>
    /// <param name="list">The list.</param>
    /// <param name="first">The first superblock that is wanted, and its place.</param>
    /// <param name="index">The first that is read, counted from that one.</param>
    /// <param name="count">How many are wanted.</param>
    /// <param name="start">The first pair, one of the list's.</param>
    /// <param name="end">The pair after the last that was read.</param>
    /// <returns>The superblock after the last that was read, counted from the first; negative when the directory is damaged.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Read(in CelledList list, in ScoredSuperblock first, int index, int count, uint start, out uint end)
    {
        const int FullOfCells = Length - BitmapCell.MinPairs;
        const int SharedBase = 1 << SegmentFormat.DirectoryBits;
        var next = Pointer;
        var full = next + FullOfCells;
        var superblocks = Vector256.Create((byte)((first.Place >> SegmentFormat.SuperblockBits) + index));
        end = start;
        var isBitmap = false;
        while (index < count && next <= full && !isBitmap)
        {
            // The end of a cell is the start of the next one.
            var superblock = first.Superblock + index + 1;
            var from = list.Base(superblock);
            var offsets = list.Offsets(superblock);
            var lastOffset = offsets + Math.Min(count - index, SharedBase - (superblock & (SharedBase - 1)));
            var begin = offsets;
            while (offsets < lastOffset && next <= full)
            {
                var after = from + *offsets++;
                var cell = after - end;
                if (cell >= BitmapCell.MinPairs)
                {
                    offsets--;
                    isBitmap = true;
                    break;
                }

                superblocks.Store(next);
                next += cell;
                end = after;
                superblocks += Vector256<byte>.One;
            }

            index += (int)(offsets - begin);
        }

        return end > (uint)list.Pairs ? -1 : index;
    }

    /// <summary>Appends those of a word. Writes 64 whatever it has.</summary>
    /// <param name="bits">The word.</param>
    /// <param name="superblock">The superblock at its first bit.</param>
    /// <param name="next">Where to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AppendCompressed(ulong bits, byte superblock, byte* next)
    {
        (Avx512Vbmi2.Compress(Vector512<byte>.Zero, ByteOnes.Mask(bits), Vector512<byte>.Indices) - Vector512<byte>.Indices + Vector512.Create(superblock)).Store(next);
    }

    /// <summary>The same by table. Writes up to eight more than it has.</summary>
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
