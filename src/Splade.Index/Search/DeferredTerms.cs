using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    private const int CacheLine = 64;
    private (int Document, uint Sum)[] _waiting = new (int, uint)[1024];
    private int _count;

    public void Reset() => _count = 0;

    /// <summary>Adds documents whose sums lack the deferred terms.</summary>
    /// <param name="places">Their places.</param>
    /// <param name="sums">The sums of all places.</param>
    /// <param name="first">The document of the first place.</param>
    public void Add(ReadOnlySpan<ushort> places, uint* sums, int first)
    {
        if (_count + places.Length > _waiting.Length)
        {
            Array.Resize(ref _waiting, Math.Max(_waiting.Length * 2, _count + places.Length));
        }

        foreach (var place in places)
        {
            _waiting[_count++] = (first + place, sums[place]);
        }
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

        var unit = query.Clauses[0].Unit;
        var needed = CandidateScan.Needed(best.Threshold, unit);
        var waiting = _waiting.AsSpan(0, _count);
        var most = query.DeferredSum;
        waiting = waiting[..Keep(waiting, needed, most)];
        var added = 0;
        foreach (ref readonly var term in query.Deferred)
        {
            most -= term.LargestSum;
            added += AddTo(waiting, term);
            waiting = waiting[..Keep(waiting, needed, most)];
        }

        best.Recount();
        foreach (var (document, sum) in waiting)
        {
            best.Add(sum * unit, document);
        }

        _count = 0;
        return added;
    }

    /// <summary>Moves the documents that can still reach a sum to the front.</summary>
    /// <returns>How many they are.</returns>
    private static int Keep(Span<(int Document, uint Sum)> waiting, uint needed, uint most)
    {
        var kept = 0;
        for (var i = 0; i < waiting.Length; i++)
        {
            var entry = waiting[i];
            waiting[kept] = entry;
            kept += entry.Sum + (ulong)most >= needed ? 1 : 0;
        }

        return kept;
    }

    private static int AddTo(Span<(int Document, uint Sum)> waiting, in QueryTerm term)
    {
        var list = term.Celled;
        var weight = term.Weight;
        var added = 0;
        for (var i = 0; i < waiting.Length; i++)
        {
            if (Sse.IsSupported && i + PrefetchAhead < waiting.Length)
            {
                Prefetch(list, waiting[i + PrefetchAhead].Document >> SegmentFormat.SuperblockBits);
            }

            ref var entry = ref waiting[i];
            if (!list.TryFind(entry.Document >> SegmentFormat.SuperblockBits, out var cell, out var size))
            {
                throw term.Field.DamagedDirectory();
            }

            var impact = Find((ushort*)list.Postings + cell, size, (byte)entry.Document);
            entry.Sum += impact * weight;
            added += impact > 0 ? 1 : 0;
        }

        return added;
    }

    private static void Prefetch(in CelledList list, int superblock)
    {
        var last = list.Postings + (list.Frequency * 2L);
        var end = list.Postings + (list.Start(superblock + 1) * 2L);
        for (var line = list.Postings + (list.Start(superblock) * 2L); line < end && line < last; line += CacheLine)
        {
            Sse.Prefetch0(line);
        }
    }

    /// <summary>Impact of a document in a cell; 0 when it is not there. 32 bytes from the last pair may be read.</summary>
    private static uint Find(ushort* pairs, int count, byte document)
    {
        if (Simd.Level != SimdLevel.Scalar)
        {
            // To the end: where a cell has the document is a branch that can't be predicted.
            var wanted = Vector256.Create((ushort)document);
            var mask = Vector256.Create((ushort)0xFF);
            var found = Vector256<ushort>.Zero;
            var i = 0;
            for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
            {
                var pair = Vector256.Load(pairs + i);
                found |= Vector256.Equals(pair & mask, wanted) & pair;
            }

            // Behind the last pair are those of another cell.
            var last = Vector256.Load(pairs + i);
            found |= Vector256.Equals(last & mask, wanted) & last & Vector256.LessThan(Vector256<ushort>.Indices, Vector256.Create((ushort)(count - i)));
            var half = (found.GetLower() | found.GetUpper()).AsUInt64();
            var all = half.ToScalar() | half.GetElement(1);
            all |= all >> 32;
            return (uint)(((all >> 16) | all) >> 8) & 0xFF;
        }

        for (var i = 0; i < count; i++)
        {
            if ((byte)pairs[i] == document)
            {
                return (uint)pairs[i] >> 8;
            }
        }

        return 0;
    }
}
