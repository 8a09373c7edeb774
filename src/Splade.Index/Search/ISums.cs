using System.Numerics;
using System.Runtime.CompilerServices;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Takes contributions to the scores of documents.</summary>
internal unsafe interface ISums
{
    /// <param name="place">Place of the document.</param>
    /// <param name="contribution">What a term adds to it.</param>
    void Add(uint place, uint contribution);

    /// <param name="places">Places of documents.</param>
    /// <param name="contributions">What a term adds to each.</param>
    /// <param name="count">How many.</param>
    void Add(ushort* places, uint* contributions, int count);

    /// <param name="place">Place of a superblock's first document.</param>
    /// <param name="cell">A term's <see cref="BitmapCell"/> there.</param>
    /// <param name="pairs">Its size.</param>
    /// <param name="weight">The term's weight.</param>
    /// <returns>Postings added; negative when the cell is damaged.</returns>
    int AddBitmap(uint place, ushort* cell, int pairs, uint weight);
}

/// <summary>Sums that are all looked at afterwards.</summary>
internal unsafe struct PlainSums(uint* sums) : ISums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Add(uint place, uint contribution) => sums[place] += contribution;

    public readonly void Add(ushort* places, uint* contributions, int count)
    {
        var local = sums;
        for (; count >= 4; count -= 4, places += 4, contributions += 4)
        {
            local[places[0]] += contributions[0];
            local[places[1]] += contributions[1];
            local[places[2]] += contributions[2];
            local[places[3]] += contributions[3];
        }

        for (; count > 0; count--, places++, contributions++)
        {
            local[*places] += *contributions;
        }
    }

    public readonly int AddBitmap(uint place, ushort* cell, int pairs, uint weight) => BitmapSums.Add(sums + place, cell, pairs, weight);
}

/// <summary>
/// Sums that remember which documents they are of: where few documents have a term, the others need no look. They are all 0 between two uses.
/// </summary>
internal unsafe struct TouchedSums : ISums
{
    /// <summary>Places that are remembered: more than there are, and a power of 2.</summary>
    public const int Room = 2 << SegmentFormat.RangeBits;

    private readonly uint* _sums;
    private readonly ushort* _touched;
    private uint _count;

    /// <param name="sums">All 0.</param>
    /// <param name="touched">Takes places, <see cref="Room"/> of them.</param>
    public TouchedSums(uint* sums, ushort* touched)
    {
        _sums = sums;
        _touched = touched;
    }

    /// <summary>Places with a sum above 0, each once, in no order. Only sums of a damaged list may become 0 again: it may then be any places.</summary>
    public readonly ReadOnlySpan<ushort> Touched => new(_touched, (int)Math.Min(_count, Room));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(uint place, uint contribution) => _count += Add(_sums, _touched, _count, place, contribution);

    public void Add(ushort* places, uint* contributions, int count)
    {
        var sums = _sums;
        var touched = _touched;
        var next = _count;
        for (var i = 0; i < count; i++)
        {
            next += Add(sums, touched, next, places[i], contributions[i]);
        }

        _count = next;
    }

    public int AddBitmap(uint place, ushort* cell, int pairs, uint weight)
    {
        var count = BitmapCell.Count(cell, pairs);
        var impacts = BitmapCell.Impacts(cell);
        for (var word = 0; word < BitmapCell.Words && count >= 0; word++)
        {
            for (var bits = ((ulong*)cell)[word]; bits != 0; bits &= bits - 1)
            {
                Add(place + (uint)((word << 6) + BitOperations.TrailingZeroCount(bits)), weight * *impacts++);
            }
        }

        return count;
    }

    /// <summary>Always writes the place: whether it is a new one is a branch that can't be predicted.</summary>
    /// <returns>1 for a new one, else 0.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Add(uint* sums, ushort* touched, uint next, uint place, uint contribution)
    {
        var sum = sums[place];
        sums[place] = sum + contribution;
        touched[next & (Room - 1)] = (ushort)place;

        // The sum was 0, and isn't any more: a damaged list may hold impacts of 0.
        return (uint)((((ulong)sum - 1) & (0UL - contribution)) >> 63);
    }
}
