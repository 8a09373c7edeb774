using System.Runtime.CompilerServices;

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
}

/// <summary>
/// Sums that remember which documents they are of: where few documents have a term, the others need no look. They are all 0 between two uses.
/// </summary>
internal unsafe struct TouchedSums : ISums
{
    private readonly uint* _sums;
    private readonly ushort* _touched;
    private ushort* _next;

    /// <param name="sums">All 0.</param>
    /// <param name="touched">Room for one place more than there are.</param>
    public TouchedSums(uint* sums, ushort* touched)
    {
        _sums = sums;
        _touched = touched;
        _next = touched;
    }

    /// <summary>Places with a sum above 0, each once, in no order.</summary>
    public readonly ReadOnlySpan<ushort> Touched => new(_touched, (int)(_next - _touched));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(uint place, uint contribution) => _next = Add(_sums, _next, place, contribution);

    public void Add(ushort* places, uint* contributions, int count)
    {
        var sums = _sums;
        var next = _next;
        for (var i = 0; i < count; i++)
        {
            next = Add(sums, next, places[i], contributions[i]);
        }

        _next = next;
    }

    /// <summary>Always writes the place: whether it is a new one is a branch that can't be predicted.</summary>
    /// <returns>Where the next one goes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort* Add(uint* sums, ushort* next, uint place, uint contribution)
    {
        var sum = sums[place];
        sums[place] = sum + contribution;
        *next = (ushort)place;

        // The sum was 0, and isn't any more: a damaged list may hold impacts of 0, but each place is there once.
        return next + ((((ulong)sum - 1) & (0UL - contribution)) >> 63);
    }
}
