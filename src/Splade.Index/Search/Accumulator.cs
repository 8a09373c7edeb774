using System.Numerics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Scores neighbouring documents term at a time: every query term's postings there are added into 32-bit sums that stay in the cache, then one vectorised
/// compare finds candidates.
/// </summary>
internal sealed unsafe class Accumulator
{
    /// <summary>Superblocks that an exhaustive search scores together.</summary>
    public const int GroupSize = 1 << SegmentFormat.SparseBits;

    /// <summary>Postings in a cell, on average, from which it is added without a row.</summary>
    private const int DenseCell = 24;

    private readonly Scratch<uint> _sums = new();
    private readonly ContributionRow _row = new();
    private readonly CandidateScan _scan = new();
    private int _stride;
    private int _clause;

    /// <summary>Postings added since <see cref="Reset"/>.</summary>
    public long Postings { get; private set; }

    /// <summary>Documents that matched, while they are counted.</summary>
    public long Matches => _scan.Matches;

    public void Reset()
    {
        Postings = 0;
        _scan.Reset();
    }

    /// <summary>Asks for the memory of a superblock that is scored soon: dozens of misses in flight are what makes a search fast.</summary>
    public static void PrefetchDirectory(SegmentQuery query, int superblock)
    {
        if (Sse.IsSupported)
        {
            foreach (ref readonly var term in query.Celled)
            {
                Sse.Prefetch0(term.Celled.Directory(superblock));
            }
        }
    }

    /// <inheritdoc cref="PrefetchDirectory"/>
    public static void PrefetchPostings(SegmentQuery query, int superblock)
    {
        if (Sse.IsSupported)
        {
            foreach (ref readonly var term in query.Celled)
            {
                Sse.Prefetch0(term.Celled.Postings + (Math.Min(term.Celled.Start(superblock), (uint)term.Celled.Frequency) * 2L));
            }
        }
    }

    /// <summary>Scores one superblock.</summary>
    /// <param name="query">The query in its segment.</param>
    /// <param name="superblock">Which.</param>
    /// <param name="bounds">The query's bounds.</param>
    /// <param name="needed">The bound that a hit needs.</param>
    /// <param name="documents">Which documents may be found.</param>
    /// <param name="best">Takes what is found.</param>
    public void Score(SegmentQuery query, int superblock, BlockBounds bounds, int needed, in AllowedDocuments documents, TopDocuments best)
    {
        var sums = Clear(query, 1);
        foreach (ref readonly var term in query.Sparse)
        {
            if (!term.Sparse.TryFind(superblock, out var start, out var count))
            {
                throw term.Field.DamagedDirectory();
            }

            _row.Append(term.Sparse.Postings + (start * 2L), count, 0, term.Weight, Sums(term.Clause));
            Postings += count;
        }

        foreach (ref var term in query.Flat)
        {
            AddFlat(ref term, superblock << SegmentFormat.SuperblockBits, Sums(term.Clause));
        }

        _row.AddTo(Sums(_clause));
        if (query.IsUniform && query.Celled.Length > 0 && !bounds.MayReach(superblock, sums, query.Clauses[0].Unit, needed))
        {
            return;
        }

        AddCelled(query, superblock, [superblock]);
        _scan.Scan(query, sums, _stride, superblock << SegmentFormat.SuperblockBits, documents, best, countMatches: false);
    }

    /// <summary>
    /// Scores neighbouring superblocks side by side. Rarer terms come first, and are a small part of all postings; the others are added only where the
    /// bounds then still allow a hit.
    /// </summary>
    /// <param name="query">The query in its segment.</param>
    /// <param name="group">Which group.</param>
    /// <param name="bounds">The query's bounds; null to score everything.</param>
    /// <param name="needed">The bound that a hit needs.</param>
    /// <param name="refine">Whether to look at the bounds of blocks once rarer terms are added.</param>
    /// <param name="documents">Which documents may be found.</param>
    /// <param name="best">Takes what is found; null only counts.</param>
    /// <param name="countMatches">Whether to count.</param>
    /// <returns>Superblocks that were scored.</returns>
    public int ScoreGroup(
        SegmentQuery query, int group, BlockBounds? bounds, int needed, bool refine, in AllowedDocuments documents, TopDocuments? best, bool countMatches)
    {
        var superblock = group << SegmentFormat.SparseBits;
        var count = Math.Min(GroupSize, SegmentFormat.Superblocks(query.Segment.DocumentCount) - superblock);
        var sums = Clear(query, count);
        foreach (ref readonly var term in query.Sparse)
        {
            AddSparse(term, group, Sums(term.Clause));
        }

        foreach (ref var term in query.Flat)
        {
            AddFlat(ref term, superblock << SegmentFormat.SuperblockBits, Sums(term.Clause));
        }

        refine &= query.IsUniform;
        Span<int> chosen = stackalloc int[GroupSize];
        var left = 0;
        for (var s = superblock; s < superblock + count; s++)
        {
            if (bounds is null || (bounds.Superblocks[s] >= needed
                && (!refine || bounds.MayReach(s, sums + ((s - superblock) << SegmentFormat.SuperblockBits), query.Clauses[0].Unit, needed))))
            {
                chosen[left++] = s;
            }
        }

        AddCelled(query, superblock, chosen[..left]);
        if (left == count)
        {
            _scan.Scan(query, sums, _stride, superblock << SegmentFormat.SuperblockBits, documents, best, countMatches);
            return left;
        }

        foreach (var s in chosen[..left])
        {
            _scan.ScanSuperblock(query, sums, _stride, superblock << SegmentFormat.SuperblockBits, s, documents, best!);
        }

        return left;
    }

    private uint* Clear(SegmentQuery query, int superblocks)
    {
        _stride = superblocks << SegmentFormat.SuperblockBits;
        _clause = 0;
        var sums = _sums.Ensure(_stride * query.ClauseCount);
        new Span<uint>(sums, _stride * query.ClauseCount).Clear();
        return sums;
    }

    /// <summary>Sums of a clause. What the row holds of another one is added first.</summary>
    private uint* Sums(int clause)
    {
        if (clause != _clause)
        {
            _row.AddTo(_sums.Pointer + (_clause * _stride));
            _clause = clause;
        }

        return _sums.Pointer + (clause * _stride);
    }

    private void AddCelled(SegmentQuery query, int first, ReadOnlySpan<int> superblocks)
    {
        foreach (ref readonly var term in query.Celled)
        {
            if (term.Frequency >= DenseCell * SegmentFormat.Superblocks(query.Segment.DocumentCount))
            {
                AddDense(term, first, superblocks, Sums(term.Clause));
                continue;
            }

            var added = _row.Append(term.Celled, superblocks, first, term.Weight, Sums(term.Clause));
            if (added < 0)
            {
                throw term.Field.DamagedDirectory();
            }

            Postings += added;
        }

        _row.AddTo(Sums(_clause));
    }

    /// <summary>Adds long cells, for which the end of a loop is nothing.</summary>
    private void AddDense(in QueryTerm term, int first, ReadOnlySpan<int> superblocks, uint* sums)
    {
        var list = term.Celled;
        var weight = term.Weight;
        foreach (var superblock in superblocks)
        {
            if (!list.TryFind(superblock, out var start, out var count))
            {
                throw term.Field.DamagedDirectory();
            }

            var pair = (ushort*)list.Postings + start;
            var end = pair + count;
            var target = sums + ((superblock - first) << SegmentFormat.SuperblockBits);
            for (; pair + 4 <= end; pair += 4)
            {
                uint a = pair[0], b = pair[1], c = pair[2], d = pair[3];
                target[(byte)a] += weight * (a >> 8);
                target[(byte)b] += weight * (b >> 8);
                target[(byte)c] += weight * (c >> 8);
                target[(byte)d] += weight * (d >> 8);
            }

            for (; pair < end; pair++)
            {
                target[(byte)*pair] += weight * (uint)(*pair >> 8);
            }

            Postings += count;
        }
    }

    /// <summary>Walks the bits of a sparse list: the i-th 1 of a group, at bit b, is a posting in superblock b - i.</summary>
    private void AddSparse(in QueryTerm term, int group, uint* sums)
    {
        var list = term.Sparse;
        var weight = term.Weight;
        var first = list.Starts[group];
        var end = group + 1 < SegmentFormat.SparseStarts(SegmentFormat.Superblocks(term.Field.Documents)) ? list.Starts[group + 1] : (uint)list.Frequency;
        var bit = first + ((long)group << SegmentFormat.SparseBits);
        if (first > end || end > (uint)list.Frequency)
        {
            throw term.Field.DamagedDirectory();
        }

        var pair = (ushort*)list.Postings + first;
        var last = (ushort*)list.Postings + end;
        var word = bit >> 6;
        var ones = pair < last && word < list.WordCount ? list.Words[word] & (ulong.MaxValue << (int)(bit & 63)) : 0;

        // Superblock of a posting: its bit less the bits and postings before.
        var origin = (word << 6) - bit;
        for (; pair < last; pair++, origin--)
        {
            while (ones == 0)
            {
                if (++word >= list.WordCount)
                {
                    throw term.Field.DamagedDirectory();
                }

                ones = list.Words[word];
                origin += 64;
            }

            var place = (uint)((origin + BitOperations.TrailingZeroCount(ones)) << SegmentFormat.SuperblockBits) | (byte)*pair;
            ones &= ones - 1;
            if (place >= (uint)_stride)
            {
                throw term.Field.DamagedDirectory();
            }

            sums[place] += weight * (uint)(*pair >> 8);
        }

        Postings += end - first;
    }

    private void AddFlat(ref QueryTerm term, int firstDocument, uint* sums)
    {
        term.FindFlat(firstDocument, _stride, out var start, out var end);
        var documents = term.Flat.Documents;
        var impacts = term.Flat.Impacts;
        var weight = term.Weight;
        var first = firstDocument & ((1 << SegmentFormat.RangeBits) - 1);
        for (var i = start; i < end; i++)
        {
            // Documents of a damaged list may lie outside.
            var place = (uint)(documents[i] - first);
            if (place < (uint)_stride)
            {
                sums[place] += weight * impacts[i];
            }
        }

        Postings += end - start;
    }
}
