using System.Runtime.CompilerServices;

namespace Splade.Index.Segments;

/// <summary>Layouts of posting lists, see <see cref="SegmentFormat"/>.</summary>
internal enum ListKind
{
    Celled,
    Sparse,
    Flat,
}

/// <summary>Entry of a term in the dictionary. Weights are document weights, impact x 2^exponent.</summary>
internal readonly struct TermEntry
{
    public readonly long Offset;
    public readonly int Frequency;
    private readonly int _row;
    public readonly float Largest;
    public readonly float Tenth;
    public readonly float Hundredth;
    public readonly float Thousandth;

    public TermEntry(long offset, int frequency, int row, float largest, float tenth, float hundredth, float thousandth)
    {
        Offset = offset;
        Frequency = frequency;
        _row = row;
        Largest = largest;
        Tenth = tenth;
        Hundredth = hundredth;
        Thousandth = thousandth;
    }

    public const int FlatRow = -1;
    public const int SparseRow = -2;

    public ListKind Kind => _row switch { FlatRow => ListKind.Flat, SparseRow => ListKind.Sparse, _ => ListKind.Celled };

    /// <summary>Row of a celled term in the bounds.</summary>
    public int Row => _row;

    /// <summary>A weight that at least k documents reach; 0 when that is not known.</summary>
    public float AtLeast(long k) => k <= 1 ? Largest : k <= 10 ? Tenth : k <= 100 ? Hundredth : k <= 1000 ? Thousandth : 0f;
}

/// <summary>A range of a flat or sparse list, as it lies in the file: so many documents or cells.</summary>
internal readonly struct ListRange
{
    public readonly ushort Range;
    public readonly ushort CountMinusOne;

    public ListRange(int range, int count)
    {
        Range = (ushort)range;
        CountMinusOne = (ushort)(count - 1);
    }

    public int Count => CountMinusOne + 1;

    /// <summary>Its first document or block.</summary>
    public int First => Range << SegmentFormat.RangeBits;
}

/// <summary>A flat list in memory: documents in ranges, then impacts.</summary>
internal readonly unsafe struct FlatList(ListRange* ranges, int rangeCount, ushort* documents, byte* impacts, int frequency)
{
    public readonly ListRange* Ranges = ranges;
    public readonly int RangeCount = rangeCount;
    public readonly ushort* Documents = documents;
    public readonly byte* Impacts = impacts;
    public readonly int Frequency = frequency;
}

/// <summary>A sparse list in memory: cells of one block each, in ranges of blocks.</summary>
internal readonly unsafe struct SparseList(ListRange* ranges, int rangeCount, int cellCount, ushort* blocks, byte* cells, uint* starts, byte* postings, int frequency)
{
    public readonly ListRange* Ranges = ranges;
    public readonly int RangeCount = rangeCount;
    public readonly int CellCount = cellCount;

    /// <summary>Block of each cell in its range.</summary>
    public readonly ushort* Blocks = blocks;

    /// <summary>Low half: level of the bound. High half: postings - 1.</summary>
    public readonly byte* Cells = cells;

    /// <summary>Pairs (document in its block, impact).</summary>
    public readonly byte* Postings = postings;
    public readonly int Frequency = frequency;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CountOf(int cell) => (Cells[cell] >> 4) + 1;

    /// <summary>First posting of a cell.</summary>
    public long Start(int cell)
    {
        long start = starts[cell >> SegmentFormat.SparseStartBits];
        for (var i = cell & -(1 << SegmentFormat.SparseStartBits); i < cell; i++)
        {
            start += CountOf(i);
        }

        return start;
    }
}

/// <summary>A celled list in memory: the cell of a superblock is found by two loads.</summary>
internal readonly unsafe struct CelledList(uint* bases, ushort* offsets, byte* postings, int frequency)
{
    /// <summary>Pairs (document in its superblock, impact).</summary>
    public readonly byte* Postings = postings;
    public readonly int Frequency = frequency;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Start(int superblock) => bases[superblock >> SegmentFormat.DirectoryBits] + offsets[superblock];

    public void* Directory(int superblock) => offsets + superblock;
}
