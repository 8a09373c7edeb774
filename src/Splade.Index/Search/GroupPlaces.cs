using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>A superblock that is scored, and the place of its first document among the sums.</summary>
internal readonly record struct ScoredSuperblock(int Superblock, int Place);

/// <summary>
/// Which superblocks of a group have sums, and where. Where the processor can leave out postings without branches (<see cref="Simd.CanCompress"/>), the sums of those
/// that are chosen lie side by side, each in a slot of 256 places: fewer additions, to less memory. Else a superblock's slot is its number in the group.
/// </summary>
internal sealed unsafe class GroupPlaces
{
    /// <summary>The slot of a superblock without sums.</summary>
    public const byte None = 0xFF;

    private readonly Scratch<byte> _slots = new();
    private readonly Scratch<int> _documents = new();
    private readonly Scratch<ScoredSuperblock> _scored = new();
    private int _first;
    private int _left;

    public GroupPlaces()
    {
        _slots.Ensure(Accumulator.GroupSize);
        _documents.Ensure(Accumulator.GroupSize);
        _scored.Ensure(Accumulator.GroupSize);
    }

    /// <summary>The superblocks that are still to be scored.</summary>
    public ReadOnlySpan<ScoredSuperblock> Scored => new(_scored.Pointer, _left);

    /// <summary>The slot of each superblock of the group, or <see cref="None"/>; null when each has that of its number.</summary>
    public byte* Slots { get; private set; }

    /// <summary>Slots that sums need room for.</summary>
    public int SlotCount { get; private set; }

    /// <summary>The document of a place.</summary>
    public int Document(int place) => Slots == null ? _first + place : _documents.Pointer[place >> SegmentFormat.SuperblockBits] + (byte)place;

    /// <summary>Chooses the superblocks of a group whose bounds allow a hit.</summary>
    /// <param name="bounds">The query's bounds; null for all.</param>
    /// <param name="needed">The bound that a hit needs.</param>
    /// <param name="superblock">The group's first.</param>
    /// <param name="count">How many it has.</param>
    /// <param name="mayPack">Whether sums may lie otherwise than superblocks do.</param>
    /// <returns>How many were chosen.</returns>
    public int Choose(BlockBounds? bounds, int needed, int superblock, int count, bool mayPack)
    {
        var packs = mayPack && Simd.CanCompress;
        var scored = _scored.Pointer;
        var slots = _slots.Pointer;
        var documents = _documents.Pointer;
        var left = 0;
        if (bounds is not null)
        {
            var allowed = bounds.Superblocks + superblock;
            for (var s = 0; s < count; s++)
            {
                // Always written: whether a superblock is chosen is a branch that can't be predicted.
                var isChosen = allowed[s] >= needed ? 1 : 0;
                scored[left] = new ScoredSuperblock(superblock + s, (packs ? left : s) << SegmentFormat.SuperblockBits);
                documents[left] = (superblock + s) << SegmentFormat.SuperblockBits;
                slots[s] = (byte)(left | (isChosen - 1));
                left += isChosen;
            }
        }
        else
        {
            for (; left < count; left++)
            {
                scored[left] = new ScoredSuperblock(superblock + left, left << SegmentFormat.SuperblockBits);
            }
        }

        // A damaged list may name documents beyond the last.
        new Span<byte>(slots + count, Accumulator.GroupSize - count).Fill(None);
        _first = superblock << SegmentFormat.SuperblockBits;
        _left = left;
        Slots = packs && left < count ? slots : null;
        SlotCount = packs ? left : count;
        return left;
    }

    /// <summary>Leaves the superblocks in which bounds of the terms that are not in their sums yet allow a hit (<see cref="CelledBounds.MayReach"/>).</summary>
    /// <returns>How many are left.</returns>
    public int Refine(SegmentQuery query, CelledBounds bounds, uint* sums, int needed)
    {
        var scored = _scored.Pointer;
        var left = 0;
        for (var i = 0; i < _left; i++)
        {
            var s = scored[i];
            scored[left] = s;
            left += bounds.MayReach(query, s.Superblock, sums + s.Place, needed) ? 1 : 0;
        }

        return _left = left;
    }
}
