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
    /// <summary>
    /// Superblocks that are scored side by side. Their sums fit into a second-level cache; 16, which would fit into the first, are slower, because
    /// every term in every group costs something.
    /// </summary>
    public const int GroupSize = 128;

    /// <summary>Once so many superblocks have been tested and this share of them was scored all the same, testing them is in vain.</summary>
    private const int TestedEnough = 64;
    private const double UselessShare = 0.85;

    private readonly Scratch<uint> _sums = new();
    private readonly ContributionRow _row = new();
    private readonly CandidateScan _scan = new();
    private int _tested;
    private int _passed;
    private int _stride;
    private int _clause;

    /// <summary>Postings added since <see cref="Reset"/>.</summary>
    public long Postings { get; private set; }

    /// <summary>Documents that matched, while they are counted.</summary>
    public long Matches => _scan.Matches;

    public void Reset()
    {
        Postings = 0;
        _tested = 0;
        _passed = 0;
        _scan.Reset();
    }

    /// <summary>Adds what another one has counted.</summary>
    public void AddCounts(Accumulator other)
    {
        Postings += other.Postings;
        _scan.AddMatches(other.Matches);
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
        var superblock = group * GroupSize;
        var count = Math.Min(GroupSize, SegmentFormat.Superblocks(query.Segment.DocumentCount) - superblock);
        var sums = Clear(query, count);
        foreach (ref var term in query.Sparse)
        {
            AddSparse(ref term, superblock, count, Sums(term.Clause));
        }

        foreach (ref var term in query.Flat)
        {
            AddFlat(ref term, superblock << SegmentFormat.SuperblockBits, Sums(term.Clause));
        }

        refine &= query.IsUniform && (_tested < TestedEnough || _passed < _tested * UselessShare);
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

        _tested += refine ? count : 0;
        _passed += refine ? left : 0;
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
            var added = _row.Append(term.Celled, superblocks, first, term.Weight, Sums(term.Clause));
            if (added < 0)
            {
                throw term.Field.DamagedDirectory();
            }

            Postings += added;
        }

        _row.AddTo(Sums(_clause));
    }

    /// <summary>Walks the bits of a sparse list: the i-th 1 of all, at bit b, is a posting in superblock b - i.</summary>
    private void AddSparse(ref QueryTerm term, int superblock, int count, uint* sums)
    {
        var weight = term.Weight;
        var words = term.Sparse.Words;
        var wordCount = term.Sparse.WordCount;
        var frequency = term.Sparse.Frequency;
        var pairs = (ushort*)term.Sparse.Postings;
        var first = term.FirstPosting(superblock);
        var posting = first;
        var places = (uint)count << SegmentFormat.SuperblockBits;
        var bit = (long)first + superblock;
        var word = (int)(bit >> 6);
        var ones = word < wordCount ? words[word] & (ulong.MaxValue << (int)(bit & 63)) : 0;
        var origin = ((long)word << 6) - superblock;
        while (posting < frequency)
        {
            while (ones == 0 && ++word < wordCount)
            {
                ones = words[word];
                origin += 64;
            }

            var pair = (uint)pairs[posting];
            var place = (uint)((origin + BitOperations.TrailingZeroCount(ones) - posting) << SegmentFormat.SuperblockBits) | (byte)pair;
            if (place >= places || word >= wordCount)
            {
                break;
            }

            sums[place] += weight * (pair >> 8);
            ones &= ones - 1;
            posting++;
        }

        term.SetNext(superblock + count, posting);
        Postings += posting - first;
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
