using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Scores neighbouring documents term at a time: every query term's postings there are added into 32-bit sums that stay in the cache, then one vectorised
/// compare finds candidates. Cells are a few postings each, and the end of a loop over one is a mispredicted branch; so cells are first unpacked into
/// one row of (place, contribution), 16 lanes a step, and that row is added in one long loop.
/// </summary>
internal sealed unsafe class Accumulator
{
    /// <summary>Documents scored together by an exhaustive search, in superblocks.</summary>
    public const int MaxSuperblocks = 64;

    private const int RowLength = 4096;
    private const int Lanes = 16;
    private readonly Scratch<uint> _sums = new();
    private readonly Scratch<uint> _places = new();
    private readonly Scratch<uint> _contributions = new();
    private int _stride;
    private uint* _target;
    private int _row;

    /// <summary>Postings added since <see cref="Reset"/>.</summary>
    public long Postings { get; private set; }

    /// <summary>Documents that matched, while they are counted.</summary>
    public long Matches { get; private set; }

    public void Reset()
    {
        Postings = 0;
        Matches = 0;
        _row = 0;
    }

    /// <summary>Asks for the memory of a superblock that is scored soon: dozens of misses in flight are what makes a search fast.</summary>
    public static void PrefetchDirectory(SegmentQuery query, int superblock)
    {
        if (Sse.IsSupported)
        {
            foreach (ref readonly var term in query.Terms[..query.CelledCount])
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
            foreach (ref readonly var term in query.Terms[..query.CelledCount])
            {
                Sse.Prefetch0(term.Celled.Postings + Math.Min(term.Celled.Start(superblock), (uint)term.Celled.Frequency) * 2L);
            }
        }
    }

    /// <summary>Scores superblocks side by side.</summary>
    /// <param name="query">The query in its segment.</param>
    /// <param name="superblock">The first.</param>
    /// <param name="count">How many, at most <see cref="MaxSuperblocks"/>; they must not cross a range of flat lists.</param>
    /// <param name="documents">Which documents may be found.</param>
    /// <param name="best">Takes what is found; null only counts.</param>
    /// <param name="countMatches">Whether to count.</param>
    public void Score(SegmentQuery query, int superblock, int count, in AllowedDocuments documents, TopDocuments? best, bool countMatches)
    {
        _stride = count << SegmentFormat.SuperblockBits;
        var sums = _sums.Ensure(_stride * query.ClauseCount);
        new Span<uint>(sums, _stride * query.ClauseCount).Clear();
        _places.Ensure(RowLength + SegmentFormat.SuperblockSize + Lanes);
        _contributions.Ensure(RowLength + SegmentFormat.SuperblockSize + Lanes);
        var clause = 0;
        _target = sums;
        var terms = query.Terms;
        for (var t = 0; t < terms.Length; t++)
        {
            ref var term = ref terms[t];
            if (term.Clause != clause)
            {
                AddRow();
                clause = term.Clause;
                _target = sums + (clause * _stride);
            }

            switch (term.Kind)
            {
                case ListKind.Celled:
                    UnpackCells(ref term, superblock, count);
                    break;
                case ListKind.Sparse:
                    UnpackSparse(ref term, superblock, count, query.BlockBits);
                    break;
                default:
                    AddFlat(ref term, superblock << SegmentFormat.SuperblockBits);
                    break;
            }
        }

        AddRow();
        var first = superblock << SegmentFormat.SuperblockBits;
        var size = Math.Min(_stride, query.Segment.DocumentCount - first);
        if (query.IsUniform)
        {
            ScanUniform(query, first, size, documents, best, countMatches);
        }
        else
        {
            Scan(query, first, size, documents, best, countMatches);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void UnpackCells(ref QueryTerm term, int superblock, int count)
    {
        var places = _places.Pointer;
        var contributions = _contributions.Pointer;
        var postings = term.Celled.Postings;
        var weight = term.Weight;
        var row = _row;
        var start = term.Celled.Start(superblock);
        for (var s = 0; s < count; s++)
        {
            var end = term.Celled.Start(superblock + s + 1);
            if (end < start || end - start > SegmentFormat.SuperblockSize || end > (uint)term.Celled.Frequency)
            {
                throw term.Field.DamagedDirectory();
            }

            var cell = (int)(end - start);
            Unpack((ushort*)(postings + (start * 2L)), cell, (uint)(s << SegmentFormat.SuperblockBits), weight, places + row, contributions + row);
            row += cell;
            Postings += cell;
            start = end;
            if (row > RowLength)
            {
                _row = row;
                AddRow();
                row = 0;
            }
        }

        _row = row;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void UnpackSparse(ref QueryTerm term, int superblock, int count, int blockBits)
    {
        var blockShift = SegmentFormat.SuperblockBits - blockBits;
        var firstBlock = superblock << blockShift;
        term.Find(firstBlock, count << blockShift, out var cell, out var last);
        if (cell == last)
        {
            return;
        }

        var places = _places.Pointer;
        var contributions = _contributions.Pointer;
        var start = term.Sparse.Start(cell);
        var first = firstBlock & ((1 << SegmentFormat.RangeBits) - 1);
        for (; cell < last; cell++)
        {
            var postings = term.Sparse.CountOf(cell);
            var block = term.Sparse.Blocks[cell] - first;
            if (start + postings > term.Frequency || (uint)block >= (uint)(count << blockShift))
            {
                throw term.Field.DamagedDirectory();
            }

            Unpack(
                (ushort*)(term.Sparse.Postings + (start * 2L)), postings, (uint)(block << blockBits), term.Weight, places + _row, contributions + _row);
            start += postings;
            _row += postings;
            Postings += postings;
            if (_row > RowLength)
            {
                AddRow();
            }
        }
    }

    /// <summary>Turns pairs of place and impact into places and contributions. Writes up to the next multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpack(ushort* pair, int count, uint first, uint weight, uint* places, uint* contributions)
    {
        if (Vector512.IsHardwareAccelerated && Simd.Level >= SimdLevel.Avx512)
        {
            for (var i = 0; i < count; i += Lanes)
            {
                var pairs = Avx512F.ConvertToVector512UInt32(Vector256.Load(pair + i));
                ((pairs & Vector512.Create(0xFFu)) + Vector512.Create(first)).Store(places + i);
                ((pairs >>> 8) * Vector512.Create(weight)).Store(contributions + i);
            }
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                places[i] = first + (byte)pair[i];
                contributions[i] = weight * (uint)(pair[i] >> 8);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow()
    {
        var sums = _target;
        var places = _places.Pointer;
        var contributions = _contributions.Pointer;
        var count = _row;
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

        _row = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddFlat(ref QueryTerm term, int firstDocument)
    {
        term.Find(firstDocument, _stride, out var start, out var end);
        var sums = _target;
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

    private void ScanUniform(SegmentQuery query, int first, int size, in AllowedDocuments documents, TopDocuments? best, bool countMatches)
    {
        var sums = _target;
        var unit = query.Clauses[0].ScaleOf(0);
        var needed = best is null ? uint.MaxValue : Needed(best.Threshold, unit);
        var position = 0;
        if (Vector512.IsHardwareAccelerated && Simd.Level >= SimdLevel.Avx512)
        {
            for (; position + Lanes <= size; position += Lanes)
            {
                var scores = Vector512.Load(sums + position);
                var candidates = Vector512.GreaterThanOrEqual(scores, Vector512.Create(needed)).ExtractMostSignificantBits();
                if (countMatches)
                {
                    var matches = Vector512.GreaterThan(scores, Vector512<uint>.Zero).ExtractMostSignificantBits();
                    Matches += BitOperations.PopCount(documents.Mask16(matches, first + position));
                }

                if (candidates == 0)
                {
                    continue;
                }

                for (candidates = documents.Mask16(candidates, first + position); candidates != 0; candidates &= candidates - 1)
                {
                    var place = position + BitOperations.TrailingZeroCount(candidates);
                    best!.Add(sums[place] * unit, first + place);
                }

                needed = Needed(best!.Threshold, unit);
            }
        }

        for (; position < size; position++)
        {
            if (sums[position] == 0 || !documents.Contains(first + position))
            {
                continue;
            }

            Matches += countMatches ? 1 : 0;
            if (sums[position] >= needed && best is not null)
            {
                best.Add(sums[position] * unit, first + position);
            }
        }
    }

    /// <summary>Smallest sum that may reach a score, at least 1.</summary>
    private static uint Needed(double score, double unit) => (uint)Math.Clamp(Math.Floor(score / unit * (1 - 1e-12)), 1.0, uint.MaxValue);

    private void Scan(SegmentQuery query, int first, int size, in AllowedDocuments documents, TopDocuments? best, bool countMatches)
    {
        var sums = _sums.Pointer;
        for (var position = 0; position < size; position++)
        {
            var any = 0u;
            for (var c = 0; c < query.ClauseCount; c++)
            {
                any |= sums[(c * _stride) + position];
            }

            if (any == 0 || !documents.Contains(first + position))
            {
                continue;
            }

            Matches += countMatches ? 1 : 0;
            best?.Add(query.Score(sums, _stride, position, first + position), first + position);
        }
    }
}
