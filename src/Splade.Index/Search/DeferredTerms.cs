using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Frequent terms that add little to a score are looked up only in documents that the others bring near the threshold (MaxScore: Turtle and Flood 1995, here
/// over the sums of groups instead of document by document). They are most postings of a query and a small part of its scores. Documents wait here until the
/// other terms are through with the segment, when the threshold is nearly final and leaves few of them.
/// </summary>
internal sealed unsafe class DeferredTerms
{
    private const int PrefetchAhead = 8;

    // The sum above, the document below.
    private ulong[] _waiting = new ulong[1024];
    private int _count;

    public void Reset() => _count = 0;

    /// <summary>Adds documents whose sums lack the deferred terms.</summary>
    /// <param name="places">Their places.</param>
    /// <param name="sums">The sums of all places.</param>
    /// <param name="documents">Their documents.</param>
    public void Add(ReadOnlySpan<ushort> places, uint* sums, GroupPlaces documents)
    {
        if (_count + places.Length > _waiting.Length)
        {
            Array.Resize(ref _waiting, Math.Max(_waiting.Length * 2, _count + places.Length));
        }

        var waiting = _waiting.AsSpan(_count, places.Length);
        for (var i = 0; i < places.Length; i++)
        {
            waiting[i] = ((ulong)sums[places[i]] << 32) | (uint)documents.Document(places[i]);
        }

        _count += places.Length;
    }

    /// <summary>Completes the sums of the documents that may still be hits.</summary>
    /// <param name="query">The query in its segment.</param>
    /// <param name="best">Takes what is found.</param>
    /// <returns>Postings added.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Complete(SegmentQuery query, TopDocuments best)
    {
        if (_count == 0)
        {
            return 0;
        }

        var unit = query.Unit;
        var needed = CandidateScan.Needed(best.Threshold, unit);
        var most = query.DeferredSum;
        var added = 0;
        fixed (ulong* waiting = _waiting)
        {
            var count = Keep(waiting, _count, Least(needed, most));
            foreach (ref readonly var term in query.Deferred)
            {
                most -= term.LargestSum;
                added += AddTo(waiting, ref count, term, Least(needed, most));
            }

            best.AddAnnounced(new(waiting, count), unit);
        }

        _count = 0;
        return added;
    }

    /// <summary>The least entry that can still reach a sum.</summary>
    /// <param name="needed">The sum.</param>
    /// <param name="missing">The most that entries lack.</param>
    private static ulong Least(uint needed, uint missing) => needed > missing ? (ulong)(needed - missing) << 32 : 0;

    /// <summary>Moves the entries that are large enough to the front.</summary>
    /// <returns>How many they are.</returns>
    private static int Keep(ulong* waiting, int count, ulong least)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = waiting[i];
            waiting[kept] = entry;
            kept += entry >= least ? 1 : 0;
        }

        return kept;
    }

    /// <summary>Adds a term to entries and moves those that are then large enough to the front.</summary>
    private static int AddTo(ulong* waiting, ref int count, in QueryTerm term, ulong least)
    {
        var list = term.Celled;
        var weight = (ulong)term.Weight << 32;
        var (added, kept, length) = (0, 0, count);
        for (var i = 0; i < length; i++)
        {
            if (Sse.IsSupported && i + PrefetchAhead < length)
            {
                CellLookup.Prefetch(list, (int)waiting[i + PrefetchAhead]);
            }

            var entry = waiting[i];
            if (!list.TryFind((int)entry >> SegmentFormat.SuperblockBits, out var cell, out var pairs))
            {
                throw term.Field.DamagedDirectory();
            }

            var impact = CellLookup.Find(cell, pairs, (byte)entry);
            entry += impact * weight;
            added += impact > 0 ? 1 : 0;
            waiting[kept] = entry;
            kept += entry >= least ? 1 : 0;
        }

        count = kept;
        return added;
    }
}
