using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Postings on their way into sums. A cell is a few postings, and the end of a loop over it is a mispredicted branch; so cells are first unpacked side by
/// side into a row of (place, contribution), 16 a step, and the row is added in one long loop.
/// </summary>
internal sealed unsafe class ContributionRow
{
    private const int Length = 1024;
    private const int Lanes = 16;
    private const int Room = Length + SegmentFormat.SuperblockSize + Lanes;
    private readonly Scratch<uint> _memory = new();
    private readonly uint* _places;
    private readonly uint* _contributions;
    private int _count;

    public ContributionRow()
    {
        _places = _memory.Ensure(Room * 2);
        _contributions = _places + Room;
    }

    /// <summary>Appends a cell.</summary>
    /// <param name="pairs">Its postings; 32 bytes from the last may be read.</param>
    /// <param name="count">How many, at most 256.</param>
    /// <param name="first">Place of the superblock's first document.</param>
    /// <param name="weight">The term's weight.</param>
    /// <param name="sums">Takes what does not fit.</param>
    public void Append(byte* pairs, int count, int first, uint weight, uint* sums)
    {
        Unpack((ushort*)pairs, count, (uint)first, weight, _places + _count, _contributions + _count, Simd.Level != SimdLevel.Scalar);
        _count += count;
        if (_count > Length)
        {
            AddTo(sums);
        }
    }

    /// <summary>Appends cells of a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="superblocks">Which superblocks.</param>
    /// <param name="first">The superblock at the first place.</param>
    /// <param name="weight">The term's weight.</param>
    /// <param name="sums">Takes what does not fit.</param>
    /// <returns>Postings appended; negative when the directory is damaged.</returns>
    public int Append(CelledList list, ReadOnlySpan<int> superblocks, int first, uint weight, uint* sums)
    {
        var places = _places;
        var contributions = _contributions;
        var vectors = Simd.Level != SimdLevel.Scalar;
        var postings = list.Postings;
        var frequency = (uint)list.Frequency;
        var total = 0;
        var count = _count;
        foreach (var superblock in superblocks)
        {
            var start = list.Start(superblock);
            var end = list.Start(superblock + 1);
            var cell = end - start;
            if (cell > SegmentFormat.SuperblockSize || end > frequency)
            {
                return -1;
            }

            Unpack(
                (ushort*)(postings + (start * 2L)), (int)cell, (uint)(superblock - first) << SegmentFormat.SuperblockBits, weight, places + count,
                contributions + count, vectors);
            count += (int)cell;
            total += (int)cell;
            if (count > Length)
            {
                _count = count;
                AddTo(sums);
                count = 0;
            }
        }

        _count = count;
        return total;
    }

    /// <summary>Adds the row to sums and empties it.</summary>
    public void AddTo(uint* sums)
    {
        var places = _places;
        var contributions = _contributions;
        var count = _count;
        var i = 0;
        for (; i + 4 <= count; i += 4)
        {
            sums[places[i]] += contributions[i];
            sums[places[i + 1]] += contributions[i + 1];
            sums[places[i + 2]] += contributions[i + 2];
            sums[places[i + 3]] += contributions[i + 3];
        }

        for (; i < count; i++)
        {
            sums[places[i]] += contributions[i];
        }

        _count = 0;
    }

    /// <summary>Turns pairs of place and impact into places and contributions. Vectors write up to the next multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpack(ushort* pairs, int count, uint first, uint weight, uint* places, uint* contributions, bool vectors)
    {
        if (vectors)
        {
            var firsts = Vector256.Create(first);
            var weights = Vector256.Create(weight);
            var mask = Vector256.Create(0xFFu);
            for (var i = 0; i < count; i += Lanes)
            {
                var (low, high) = Vector256.Widen(Vector256.Load(pairs + i));
                ((low & mask) | firsts).Store(places + i);
                ((high & mask) | firsts).Store(places + i + 8);
                ((low >>> 8) * weights).Store(contributions + i);
                ((high >>> 8) * weights).Store(contributions + i + 8);
            }
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                places[i] = first | (byte)pairs[i];
                contributions[i] = weight * (uint)(pairs[i] >> 8);
            }
        }
    }
}
