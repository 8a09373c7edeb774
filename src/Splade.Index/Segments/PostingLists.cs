using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Segments;

/// <summary>Layouts of posting lists, see <see cref="SegmentFormat"/>.</summary>
internal enum ListKind
{
    /// <summary>With 4-bit bounds of blocks.</summary>
    Celled = 0,

    /// <summary>With 4-bit bounds of superblocks.</summary>
    Sparse = 1,

    /// <summary>The same lists, but rarer: 2-bit bounds of superblocks.</summary>
    Sparser = 2,

    /// <summary>Without bounds.</summary>
    Flat = 3,
}

/// <summary>
/// A sparse list in memory: where superblocks end is in the upper bits of Elias and Fano's code (Vigna, quasi-succinct indices, 2013).
/// </summary>
internal readonly unsafe struct SparseList(uint* starts, ulong* words, int wordCount, ushort* postings, int pairs)
{
    /// <summary>Pairs before each 64th superblock, and <see cref="HasBitmaps"/> where one of the 64 is a <see cref="BitmapCell"/>.</summary>
    public readonly uint* Starts = starts;

    /// <summary>A 1 for each pair, a 0 for each end of a superblock.</summary>
    public readonly ulong* Words = words;
    public readonly int WordCount = wordCount;

    /// <summary>Cells, one after another: pairs (document in its superblock, impact), or <see cref="BitmapCell"/>s.</summary>
    public readonly ushort* Postings = postings;

    /// <summary>Pairs of bytes that all cells take.</summary>
    public readonly int Pairs = pairs;

    /// <summary>The highest bit of a start.</summary>
    public const uint HasBitmaps = 1u << 31;

    /// <summary>What <see cref="WordsOf"/> reads.</summary>
    public void* StartOf(int superblock) => Starts + (superblock >> SegmentFormat.SparseBits);

    /// <summary>About where the bits of a superblock are, to ask for their memory.</summary>
    public void* WordsOf(int superblock) => Words + ((PairsBefore(superblock) + superblock) >> 6);

    /// <summary>The cell of a superblock: where it starts and what it takes, in pairs.</summary>
    /// <returns>False when the bits are damaged.</returns>
    public bool TryFind(int superblock, out int start, out int size)
    {
        var bit = PairsBefore(superblock) + (superblock & -(1L << SegmentFormat.SparseBits));
        for (var skip = superblock & ((1 << SegmentFormat.SparseBits) - 1); skip > 0;)
        {
            if (!TryEnds(bit, out var ends))
            {
                start = size = 0;
                return false;
            }

            var inWord = BitOperations.PopCount(ends);
            if (inWord < skip)
            {
                skip -= inWord;
                bit = (bit | 63) + 1;
                continue;
            }

            bit = (bit & ~63L) + Select(ends, skip - 1) + 1;
            break;
        }

        var first = bit;
        while (true)
        {
            if (!TryEnds(bit, out var ends))
            {
                start = size = 0;
                return false;
            }

            if (ends != 0)
            {
                bit = (bit & ~63L) + BitOperations.TrailingZeroCount(ends);
                break;
            }

            bit = (bit | 63) + 1;
        }

        start = (int)(first - superblock);
        size = (int)(bit - first);
        return start >= 0 && size <= BitmapCell.MaxPairs && start <= Pairs - size;
    }

    /// <summary>The superblock from which on some may be bitmaps, among neighbours.</summary>
    public int FirstOfBitmaps(int superblock, int end)
    {
        for (var start = superblock >> SegmentFormat.SparseBits; start << SegmentFormat.SparseBits < end; start++)
        {
            if ((Starts[start] & HasBitmaps) != 0)
            {
                return start << SegmentFormat.SparseBits;
            }
        }

        return int.MaxValue;
    }

    /// <summary>Pairs of the cell that starts at a place.</summary>
    public int CellAt(in SparseCursor cursor)
    {
        var first = cursor.Superblock + (long)cursor.Pair;
        var bit = first;
        for (ulong ends = 0; ends == 0 && bit - first <= BitmapCell.MaxPairs && TryEnds(bit, out ends);)
        {
            bit = ends == 0 ? (bit | 63) + 1 : (bit & ~63L) + BitOperations.TrailingZeroCount(ends);
        }

        return (int)(bit - first);
    }

    /// <summary>Pairs before the superblocks that share a start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long PairsBefore(int superblock) => Starts[superblock >> SegmentFormat.SparseBits] & ~HasBitmaps;

    /// <summary>The ends of superblocks in the word of a bit, from that bit on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryEnds(long bit, out ulong ends)
    {
        var word = bit >> 6;
        if (word >= WordCount)
        {
            ends = 0;
            return false;
        }

        ends = ~Words[word] & (ulong.MaxValue << (int)(bit & 63));
        return true;
    }

    /// <summary>Position of the n-th 1, from 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Select(ulong word, int n)
    {
        if (Bmi2.X64.IsSupported)
        {
            return BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1ul << n, word));
        }

        for (; n > 0; n--)
        {
            word &= word - 1;
        }

        return BitOperations.TrailingZeroCount(word);
    }
}

/// <summary>A place in a sparse list.</summary>
/// <param name="Superblock">Its postings come next, those of a later one if it has none.</param>
/// <param name="Pair">Where the next ones start.</param>
internal readonly record struct SparseCursor(int Superblock, int Pair);

/// <summary>A celled list in memory: the cell of a superblock is found by two loads.</summary>
internal readonly unsafe struct CelledList(uint* bases, ushort* offsets, ushort* postings, int pairs)
{
    /// <summary>Cells, one after another: pairs (document in its superblock, impact), or <see cref="BitmapCell"/>s.</summary>
    public readonly ushort* Postings = postings;

    /// <summary>Pairs of bytes that all cells take.</summary>
    public readonly int Pairs = pairs;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Start(int superblock) => Base(superblock) + offsets[superblock];

    /// <summary>From which on <see cref="Offsets"/> count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Base(int superblock) => bases[superblock >> SegmentFormat.DirectoryBits];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort* Offsets(int superblock) => offsets + superblock;

    /// <summary>Where the postings of a superblock start, to ask for their memory: inside the list whatever a damaged directory says.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort* PostingsOf(int superblock) => Postings + Math.Min(Start(superblock), (uint)Pairs);

    /// <summary>The cell of a superblock: where it starts and what it takes, in pairs.</summary>
    /// <returns>False when the directory is damaged.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(int superblock, out int start, out int size)
    {
        start = (int)Start(superblock);
        size = (int)Start(superblock + 1) - start;
        return start >= 0 && (uint)size <= BitmapCell.MaxPairs && start <= Pairs - size;
    }
}
