using System.Runtime.CompilerServices;

namespace Splade.Index.Search;

/// <summary>
/// Sums that remember which documents they are of: where few documents have a term, the others need no look. They are all 0 between two uses.
/// </summary>
internal unsafe struct TouchedSums(uint* sums, ushort* touched) : ISums
{
    /// <summary>Places with a sum above 0, each once, in no order.</summary>
    public readonly ReadOnlySpan<ushort> Touched => new(touched, Count);

    public int Count { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(uint place, uint contribution)
    {
        var sum = sums[place];
        sums[place] = sum + contribution;
        touched[Count] = (ushort)place;

        // A damaged list may hold impacts of 0: still each place once.
        Count += sum == 0 & contribution != 0 ? 1 : 0;
    }
}
