using System.Runtime.CompilerServices;

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

    /// <summary>The cell of a superblock, and what it takes.</summary>
    /// <returns>False when the directory is damaged.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(int superblock, out ushort* cell, out int pairs)
    {
        var start = (int)Start(superblock);
        pairs = (int)Start(superblock + 1) - start;
        cell = Postings + start;
        return start >= 0 && (uint)pairs <= BitmapCell.MaxPairs && start <= Pairs - pairs;
    }
}
