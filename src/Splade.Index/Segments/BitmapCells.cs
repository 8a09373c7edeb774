using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Splade.Index.Segments;

/// <summary>The <see cref="BitmapCell"/>s of a sparse list, one after another.</summary>
/// <param name="before">Bitmaps before each 256th superblock.</param>
/// <param name="ranges">How many these are.</param>
/// <param name="starts">Where each starts, in pairs of bytes, and where the last one ends.</param>
/// <param name="numbers">The superblock of each among those 256; vectors may be read beyond the last.</param>
/// <param name="cells">The cells.</param>
/// <param name="count">How many.</param>
/// <param name="room">Pairs of bytes that they may take.</param>
internal readonly unsafe struct BitmapCells(uint* before, int ranges, uint* starts, byte* numbers, ushort* cells, int count, long room)
{
    public readonly int Count = count;

    /// <summary>Pairs of bytes that all take.</summary>
    public long Pairs => Count == 0 ? 0 : starts[Count];

    /// <summary>Superblock of a bitmap in its range.</summary>
    public int Number(int index) => numbers[index];

    /// <summary>What <see cref="NumbersOf"/> reads.</summary>
    public void* BeforeOf(int superblock) => before + (superblock / SegmentFormat.RangeSuperblocks);

    /// <summary>Where <see cref="TryFind"/> looks for a superblock, to ask for its memory.</summary>
    public void* NumbersOf(int superblock) => numbers + Math.Min(before[superblock / SegmentFormat.RangeSuperblocks], (uint)Count);

    /// <summary>About where the starts of a superblock's range are, to ask for their memory.</summary>
    public void* StartsOf(int superblock) => starts + Math.Min(before[superblock / SegmentFormat.RangeSuperblocks], (uint)Count);

    /// <summary>About where a bitmap is, to ask for its memory: inside the list whatever damaged starts say.</summary>
    public byte* Place(int index) => (byte*)(cells + Math.Min(starts[index], room));

    /// <summary>The bitmaps of a range of 256 superblocks.</summary>
    /// <returns>False when the list is damaged.</returns>
    public bool TryRange(int range, out int first, out int end)
    {
        first = (int)before[range];
        end = range + 1 < ranges ? (int)before[range + 1] : Count;
        return (uint)first <= (uint)end && end <= Count;
    }

    /// <returns>False when the starts are damaged.</returns>
    public bool TryGet(int index, out ushort* cell, out int pairs)
    {
        var start = starts[index];
        pairs = (int)(starts[index + 1] - start);
        cell = cells + start;
        return BitmapCell.Is(pairs) && pairs <= BitmapCell.MaxPairs && start <= room - pairs;
    }

    /// <summary>The bitmap of a superblock; no pairs when it has none.</summary>
    /// <returns>False when the list is damaged.</returns>
    public bool TryFind(int superblock, ref ushort* cell, ref int pairs)
    {
        if (!TryRange(superblock / SegmentFormat.RangeSuperblocks, out var first, out var end))
        {
            return false;
        }

        var index = first + Below(numbers + first, end - first, (byte)superblock);
        return index == end || numbers[index] != (byte)superblock || TryGet(index, out cell, out pairs);
    }

    /// <summary>How many of ascending numbers are below one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Below(byte* numbers, int count, byte number)
    {
        var below = 0;
        for (var i = 0; i < count; i += Vector256<byte>.Count)
        {
            var bits = Vector256.LessThan(Vector256.Load(numbers + i), Vector256.Create(number)).ExtractMostSignificantBits();
            below += BitOperations.PopCount(count - i < Vector256<byte>.Count ? bits & ((1u << (count - i)) - 1) : bits);
        }

        return below;
    }
}
