using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Postings on their way into sums. A cell is a few postings, and the end of a loop over it is a mispredicted branch; so cells are first unpacked side by
/// side into a row of (place, contribution), 16 a step, and the row is added in one long loop.
/// </summary>
internal sealed unsafe class ContributionRow
{
    private const int Length = 1024;

    /// <summary>Cells before the one that is unpacked for which memory is asked for, and how much.</summary>
    private const int CellsAhead = 8;
    private const int BitmapsAhead = 4;
    private const int CacheLine = 64;

    private const int Lanes = 16;
    private const int Room = Length + SuperblockRow.Length + (2 * Lanes);
    private readonly Scratch<ushort> _placesMemory = new();
    private readonly Scratch<uint> _contributionsMemory = new();
    private readonly SuperblockRow _superblocks = new();
    private readonly ushort* _places;
    private readonly uint* _contributions;
    private int _count;

    public ContributionRow()
    {
        _places = _placesMemory.Ensure(Room);
        _contributions = _contributionsMemory.Ensure(Room);
    }

    /// <summary>Forgets what a search that failed has left.</summary>
    public void Clear() => _count = 0;

    /// <summary>Appends a cell.</summary>
    /// <param name="cell">The cell; 64 bytes from its end may be read.</param>
    /// <param name="pairs">What it takes, at most <see cref="BitmapCell.MaxPairs"/>.</param>
    /// <param name="first">Place of the superblock's first document.</param>
    /// <param name="weight">The term's weight.</param>
    /// <param name="sums">Takes what does not fit.</param>
    /// <returns>Postings appended; negative when the cell is damaged.</returns>
    public int Append<TSums>(ushort* cell, int pairs, int first, uint weight, ref TSums sums)
        where TSums : struct, ISums
    {
        if (BitmapCell.Is(pairs))
        {
            return sums.AddBitmap((uint)first, cell, pairs, weight);
        }

        Unpack(cell, pairs, (uint)first, weight, _places + _count, _contributions + _count, Simd.Level != SimdLevel.Scalar);
        _count += pairs;
        if (_count > Length)
        {
            AddTo(ref sums);
        }

        return pairs;
    }

    /// <summary>Appends cells of a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="superblocks">Which superblocks.</param>
    /// <param name="weight">The term's weight.</param>
    /// <param name="sums">Takes what does not fit.</param>
    /// <returns>Postings appended; negative when the directory is damaged.</returns>
    public int Append<TSums>(CelledList list, ReadOnlySpan<ScoredSuperblock> superblocks, uint weight, ref TSums sums)
        where TSums : struct, ISums
    {
        var places = _places;
        var contributions = _contributions;
        var vectors = Simd.Level != SimdLevel.Scalar;
        var postings = list.Postings;
        var pairs = (uint)list.Pairs;
        var total = 0;
        var count = _count;
        for (var i = 0; i < superblocks.Length; i++)
        {
            var (superblock, place) = superblocks[i];
            if (Sse.IsSupported && i + CellsAhead < superblocks.Length)
            {
                var next = (byte*)list.PostingsOf(superblocks[i + CellsAhead].Superblock);
                Sse.Prefetch0(next);
                Sse.Prefetch0(next + CacheLine);
            }

            var start = list.Start(superblock);
            var end = list.Start(superblock + 1);
            var cell = end - start;
            if (cell > BitmapCell.MaxPairs || start > pairs || end > pairs)
            {
                return -1;
            }

            if (BitmapCell.Is((int)cell))
            {
                var added = sums.AddBitmap((uint)place, postings + start, (int)cell, weight);
                if (added < 0)
                {
                    return -1;
                }

                total += added;
                continue;
            }

            Unpack(postings + start, (int)cell, (uint)place, weight, places + count, contributions + count, vectors);
            count += (int)cell;
            total += (int)cell;
            if (count > Length)
            {
                _count = count;
                AddTo(ref sums);
                count = 0;
            }
        }

        _count = count;
        return total;
    }

    /// <summary>
    /// The same for neighbouring superblocks with few postings each: pairs lie side by side in the list already, so that only their superblocks are written cell by cell.
    /// </summary>
    /// <param name="list">The list.</param>
    /// <param name="first">The first superblock, and its place.</param>
    /// <param name="superblocks">How many.</param>
    /// <param name="weight">The term's weight.</param>
    /// <param name="sums">Takes what does not fit.</param>
    /// <returns>Postings appended; negative when the directory is damaged.</returns>
    public int AppendNeighbours<TSums>(CelledList list, in ScoredSuperblock first, int superblocks, uint weight, ref TSums sums)
        where TSums : struct, ISums
    {
        var begin = list.Start(first.Superblock);
        if (begin > (uint)list.Pairs)
        {
            return -1;
        }

        var start = begin;
        var total = 0;
        for (int i = 0, next; i < superblocks; i = next)
        {
            next = _superblocks.Read(list, first, i, superblocks, start, out var end);
            if (next < 0)
            {
                return -1;
            }

            Unpack(list.Postings + start, (int)(end - start), weight);
            total += (int)(end - start);
            start = end;
            if (_count > Length)
            {
                AddTo(ref sums);
            }

            if (next < superblocks && list.Start(first.Superblock + next + 1) is var after && after - start >= BitmapCell.MinPairs)
            {
                var added = after - start <= BitmapCell.MaxPairs && after <= (uint)list.Pairs
                    ? sums.AddBitmap((uint)(first.Place + (next << SegmentFormat.SuperblockBits)), list.Postings + start, (int)(after - start), weight)
                    : -1;
                if (added < 0)
                {
                    return -1;
                }

                total += added;
                start = after;
                next++;
            }
        }

        return total;
    }

    /// <summary>Appends the postings of neighbouring superblocks in a sparse list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="cursor">Where they start: at the first superblock of a range of 256.</param>
    /// <param name="count">Superblocks.</param>
    /// <param name="weight">The term's weight.</param>
    /// <param name="slots">As <see cref="GroupPlaces.Slots"/>: postings in superblocks without one are left out.</param>
    /// <param name="sums">Takes what does not fit.</param>
    /// <param name="read">Postings read; negative when the list is damaged.</param>
    /// <returns>Where those of the next superblocks start.</returns>
    public SparseCursor Append<TSums>(in SparseList list, in SparseCursor cursor, int count, uint weight, byte* slots, ref TSums sums, out int read)
        where TSums : struct, ISums
    {
        read = list.Bitmaps.Count == 0 ? 0 : AddBitmaps(list, cursor.Superblock, count, weight, slots, ref sums);
        if (read < 0 || cursor.Pair == list.Pairs)
        {
            return cursor with { Superblock = cursor.Superblock + count };
        }

        var next = cursor;
        for (var ended = false; !ended;)
        {
            var start = next.Pair;
            ended = _superblocks.Read(list, cursor.Superblock, count, ref next);
            if (next.Pair < 0)
            {
                read = -1;
                return next;
            }

            if (slots == null)
            {
                Unpack(list.Postings + start, next.Pair - start, weight);
            }
            else
            {
                UnpackChosen(list.Postings + start, next.Pair - start, weight, slots);
            }

            read += next.Pair - start;
            if (_count > Length)
            {
                AddTo(ref sums);
            }
        }

        return next;
    }

    /// <summary>Adds the bitmaps of neighbouring superblocks.</summary>
    /// <returns>Postings added; negative when the list is damaged.</returns>
    private static int AddBitmaps<TSums>(in SparseList list, int superblock, int count, uint weight, byte* slots, ref TSums sums)
        where TSums : struct, ISums
    {
        var bitmaps = list.Bitmaps;
        if (!bitmaps.TryRange(superblock / SegmentFormat.RangeSuperblocks, out var first, out var end))
        {
            return -1;
        }

        var total = 0;
        for (var i = first; i < end; i++)
        {
            if (Sse.IsSupported && i + BitmapsAhead < bitmaps.Count)
            {
                var ahead = bitmaps.Place(i + BitmapsAhead);
                Sse.Prefetch0(ahead);
                Sse.Prefetch0(ahead + CacheLine);
            }

            var number = bitmaps.Number(i);
            if (number >= count || !bitmaps.TryGet(i, out var cell, out var pairs))
            {
                return -1;
            }

            var slot = slots == null ? (uint)number : slots[number];
            if (slots != null && slot == GroupPlaces.None)
            {
                continue;
            }

            var added = sums.AddBitmap(slot << SegmentFormat.SuperblockBits, cell, pairs, weight);
            if (added < 0)
            {
                return -1;
            }

            total += added;
        }

        return total;
    }

    /// <summary>Adds the row to sums and empties it.</summary>
    public void AddTo<TSums>(ref TSums sums)
        where TSums : struct, ISums
    {
        sums.Add(_places, _contributions, _count);
        _count = 0;
    }

    /// <summary>Turns pairs of place and impact into places and contributions. Vectors write up to the next multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpack(ushort* pairs, int count, uint first, uint weight, ushort* places, uint* contributions, bool vectors)
    {
        if (vectors)
        {
            var firsts = Vector256.Create((ushort)first);
            var weights = Vector256.Create(weight);
            var mask = Vector256.Create((ushort)0xFF);
            for (var i = 0; i < count; i += Lanes)
            {
                var pair = Vector256.Load(pairs + i);
                ((pair & mask) | firsts).Store(places + i);
                var (low, high) = Vector256.Widen(pair >>> 8);
                (low * weights).Store(contributions + i);
                (high * weights).Store(contributions + i + 8);
            }
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                places[i] = (ushort)(first | (byte)pairs[i]);
                contributions[i] = weight * (uint)(pairs[i] >> 8);
            }
        }
    }

    /// <summary>The same for postings whose superblocks are in their row.</summary>
    private void Unpack(ushort* pairs, int count, uint weight)
    {
        var superblocks = _superblocks.Pointer;
        var places = _places + _count;
        var contributions = _contributions + _count;
        _count += count;
        if (Simd.Level != SimdLevel.Scalar)
        {
            var weights = Vector256.Create(weight);
            var mask = Vector256.Create((ushort)0xFF);
            for (var i = 0; i < count; i += Lanes)
            {
                var pair = Vector256.Load(pairs + i);
                var superblock = Avx2.IsSupported ? Avx2.ConvertToVector256Int16(superblocks + i).AsUInt16() : Vector256.WidenLower(Vector128.Load(superblocks + i).ToVector256());
                ((superblock << SegmentFormat.SuperblockBits) | (pair & mask)).Store(places + i);
                var (low, high) = Vector256.Widen(pair >>> 8);
                (low * weights).Store(contributions + i);
                (high * weights).Store(contributions + i + 8);
            }
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                places[i] = (ushort)((superblocks[i] << SegmentFormat.SuperblockBits) | (byte)pairs[i]);
                contributions[i] = weight * (uint)(pairs[i] >> 8);
            }
        }
    }

    /// <summary>The same without postings in superblocks that have no slot, and with the slots of the others.</summary>
    private void UnpackChosen(ushort* pairs, int count, uint weight, byte* slots)
    {
        const int Half = 128;
        var superblocks = _superblocks.Pointer;
        var places = _places;
        var contributions = _contributions;
        var kept = _count;
        var weights = Vector512.Create(weight);
        var (a, b) = (Vector512.Load(slots), Vector512.Load(slots + (Half / 2)));
        var (c, d) = (Vector512.Load(slots + Half), Vector512.Load(slots + Half + (Half / 2)));
        for (var i = 0; i < count; i += Vector512<ushort>.Count)
        {
            var pair = Vector512.Load(pairs + i);
            var superblock = Avx512BW.ConvertToVector512UInt16(Vector256.Load(superblocks + i));

            // The table of bytes is asked by words, whose lower bytes are superblocks; the slot goes to the upper byte.
            var lower = Avx512Vbmi.PermuteVar64x8x2(a, superblock.AsByte(), b).AsUInt16();
            var upper = Avx512Vbmi.PermuteVar64x8x2(c, superblock.AsByte(), d).AsUInt16();
            var slot = Vector512.ConditionalSelect(Vector512.LessThan(superblock, Vector512.Create((ushort)Half)), lower, upper) << SegmentFormat.SuperblockBits;
            var chosen = ~Vector512.Equals(slot, Vector512.Create((ushort)(GroupPlaces.None << SegmentFormat.SuperblockBits)))
                & Vector512.LessThan(Vector512<ushort>.Indices, Vector512.Create((ushort)(count - i)));
            Avx512Vbmi2.Compress(Vector512<ushort>.Zero, chosen, slot | (pair & Vector512.Create((ushort)0xFF))).Store(places + kept);
            var (first, second) = Vector512.Widen(Avx512Vbmi2.Compress(Vector512<ushort>.Zero, chosen, pair >>> 8));
            (first * weights).Store(contributions + kept);
            (second * weights).Store(contributions + kept + Vector512<uint>.Count);
            kept += BitOperations.PopCount(chosen.ExtractMostSignificantBits());
        }

        _count = kept;
    }
}
