using System.Buffers;
using System.Runtime.InteropServices;
using Splade.Index.Codecs;

namespace Splade.Index.Segments;

/// <summary>Writes one field of a segment: posting lists term by term, then scales, bounds and dictionary.</summary>
internal sealed class FieldWriter
{
    /// <summary>Of the last superblocks, one in so many may be left without bounds for the far larger weights of its documents.</summary>
    private const int BoundedPerUnbounded = 64;

    /// <summary>Fewer take less, but more terms are then looked for in several.</summary>
    private const double SlotsPerTerm = 2;

    private readonly SegmentWriter _writer;
    private readonly string _field;
    private readonly FieldLayout _layout;
    private readonly int _baseExponent;
    private readonly byte[]? _shifts;
    private readonly int _superblocks;
    private readonly int _boundedSuperblocks;
    private readonly ArrayBufferWriter<byte> _names = new();
    private readonly List<int> _nameEnds = [];
    private readonly List<TermEntry> _entries = [];
    private readonly List<byte[]> _rows = [];
    private readonly List<byte[]> _sparseRows = [];
    private readonly List<byte[]> _sparserRows = [];
    private readonly LargestWeights _largest;

    /// <param name="writer">The segment's writer.</param>
    /// <param name="field">Name of the field.</param>
    /// <param name="exponents">Exponent of each document's impacts, <see cref="NoExponent"/> of documents without the field.</param>
    /// <param name="layout">How to lay lists out.</param>
    public FieldWriter(SegmentWriter writer, string field, sbyte[] exponents, FieldLayout layout)
    {
        _writer = writer;
        _field = field;
        _layout = layout;
        _largest = writer.LargestWeights;
        _superblocks = SegmentFormat.Superblocks(writer.Documents);
        var counts = new ScaleCounts(exponents);
        (_baseExponent, _shifts) = Scales(exponents, counts);
        _boundedSuperblocks = BoundedSuperblocks(exponents, counts, _superblocks);
        writer.Begin(SegmentFormat.Postings + field);
    }

    /// <summary>Marks a document without the field in the exponents that <see cref="FieldWriter"/> takes.</summary>
    public const sbyte NoExponent = sbyte.MaxValue;

    /// <param name="term">UTF-8; greater than the term before.</param>
    /// <param name="documents">Ascending, at least one.</param>
    /// <param name="impacts">As many.</param>
    public void AddTerm(ReadOnlySpan<byte> term, ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts)
    {
        _names.Write(term);
        _nameEnds.Add(_names.WrittenCount);
        var bounded = BoundedPostings(documents);
        _largest.Measure(documents[..bounded], impacts[..bounded], _baseExponent, _shifts);
        var kind = _layout.Kind(documents.Length);
        if (kind != ListKind.Flat)
        {
            _writer.Align(4);
        }

        var offset = _writer.SectionPosition;
        var row = 0;
        switch (kind)
        {
            case ListKind.Celled:
                WriteCelled(documents, impacts);
                row = _rows.Count;
                _rows.Add(Row(documents, impacts, bounded, SegmentFormat.BlockBits, _largest.Largest));
                break;
            case ListKind.Sparse:
                WriteSparse(documents, impacts);
                row = _sparseRows.Count;
                _sparseRows.Add(Row(documents, impacts, bounded, SegmentFormat.SuperblockBits, _largest.Largest));
                break;
            case ListKind.Sparser:
                WriteSparse(documents, impacts);
                row = _sparserRows.Count;
                _sparserRows.Add(LevelsRow.Of(documents, impacts, bounded, _baseExponent, _shifts, _superblocks, _largest.Largest));
                break;
            default:
                FlatList.Write(_writer, documents, impacts);
                break;
        }

        _entries.Add(new TermEntry(offset, kind, row, documents.Length, WeightBounds.Of(_largest)));
    }

    public void Finish()
    {
        Span<byte> padding = stackalloc byte[SegmentFormat.PostingsPadding];
        padding.Clear();
        _writer.Write(padding);
        _writer.End();
        if (_shifts is not null)
        {
            _writer.Begin(SegmentFormat.Scales + _field);
            _writer.Write(_shifts);
            _writer.End();
        }

        if (_rows.Count + _sparseRows.Count + _sparserRows.Count > 0)
        {
            _writer.Begin(SegmentFormat.Bounds + _field);
            foreach (var row in _rows.Concat(_sparseRows).Concat(_sparserRows))
            {
                _writer.Write(row);
            }

            _writer.Write(padding);
            _writer.End();
        }

        WriteDictionary();
    }

    private static (int Base, byte[]? Shifts) Scales(sbyte[] exponents, ScaleCounts counts)
    {
        if (counts.Distinct <= 1)
        {
            return (counts.Distinct == 0 ? 0 : counts.Smallest, null);
        }

        // Documents without the field have the commonest scale, so that more superblocks have one.
        return (counts.Smallest, Array.ConvertAll(exponents, e => (byte)((e == NoExponent ? counts.Commonest : e) - counts.Smallest)));
    }

    /// <summary>Superblocks before the first with a document whose weights are far larger than most, if those after it are few: bounds would be useless for all others.</summary>
    private static int BoundedSuperblocks(sbyte[] exponents, ScaleCounts counts, int superblocks)
    {
        var first = Array.FindIndex(exponents, e => counts.IsFarLarger(e));
        var bounded = first >> SegmentFormat.SuperblockBits;
        return first >= 0 && bounded > 0 && superblocks - bounded <= Math.Max(1, superblocks / BoundedPerUnbounded) ? bounded : superblocks;
    }

    /// <summary>Postings in superblocks with bounds.</summary>
    private int BoundedPostings(ReadOnlySpan<int> documents)
    {
        if (_boundedSuperblocks == _superblocks)
        {
            return documents.Length;
        }

        var found = documents.BinarySearch(_boundedSuperblocks << SegmentFormat.SuperblockBits);
        return found < 0 ? ~found : found;
    }

    private void WriteCelled(ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts)
    {
        var starts = Starts(Counts(documents), BitmapCell.Pairs);
        _writer.WriteUInt32((uint)documents.Length);
        _writer.WriteUInt32(starts[^1]);
        for (var i = 0; i < SegmentFormat.DirectoryBases(_superblocks); i++)
        {
            _writer.WriteUInt32(starts[i << SegmentFormat.DirectoryBits]);
        }

        for (var i = 0; i <= _superblocks; i++)
        {
            _writer.WriteUInt16((ushort)(starts[i] - starts[i >> SegmentFormat.DirectoryBits << SegmentFormat.DirectoryBits]));
        }

        _writer.Align(4);
        WriteCells(documents, impacts, pairs: true, bitmaps: true);
    }

    private void WriteSparse(ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts)
    {
        var counts = Counts(documents);
        var starts = Starts(counts, static postings => postings < BitmapCell.MinPostings ? postings : 0);
        var bitmaps = Enumerable.Range(0, _superblocks).Where(s => counts[s] >= BitmapCell.MinPostings).ToArray();
        _writer.WriteUInt32((uint)documents.Length);
        _writer.WriteUInt32(starts[^1] | (bitmaps.Length == 0 ? 0 : SegmentFormat.HasBitmaps));
        if (bitmaps.Length > 0)
        {
            _writer.WriteUInt32((uint)bitmaps.Length);
        }

        for (var i = 0; i < SegmentFormat.SparseStarts(_superblocks); i++)
        {
            _writer.WriteUInt32(starts[i << SegmentFormat.SparseBits]);
        }

        _writer.Write(MemoryMarshal.AsBytes(Bits(starts).AsSpan()));
        WriteCells(documents, impacts, pairs: true, bitmaps: false);
        _writer.Align(4);
        if (bitmaps.Length > 0)
        {
            WriteBitmapStarts(bitmaps, counts);
            WriteCells(documents, impacts, pairs: false, bitmaps: true);
        }
    }

    /// <param name="bitmaps">Superblocks with bitmaps.</param>
    /// <param name="counts">Postings of each superblock.</param>
    private void WriteBitmapStarts(int[] bitmaps, int[] counts)
    {
        for (int range = 0, before = 0; range < SegmentFormat.Ranges(_superblocks); range++)
        {
            while (before < bitmaps.Length && bitmaps[before] / SegmentFormat.RangeSuperblocks < range)
            {
                before++;
            }

            _writer.WriteUInt32((uint)before);
        }

        var start = 0u;
        foreach (var superblock in bitmaps)
        {
            _writer.WriteUInt32(start);
            start += (uint)BitmapCell.Pairs(counts[superblock]);
        }

        _writer.WriteUInt32(start);
        _writer.Write(Array.ConvertAll(bitmaps, s => (byte)s));
        _writer.Align(2);
    }

    /// <summary>A 1 for each pair, a 0 for each end of a superblock.</summary>
    private ulong[] Bits(uint[] starts)
    {
        var words = new ulong[SegmentFormat.SparseWords(_superblocks, (int)starts[^1])];
        for (var superblock = 0; superblock < _superblocks; superblock++)
        {
            for (var pair = (long)starts[superblock]; pair < starts[superblock + 1]; pair++)
            {
                var bit = pair + superblock;
                words[bit >> 6] |= 1ul << (int)(bit & 63);
            }
        }

        return words;
    }

    /// <summary>Postings of each superblock.</summary>
    private int[] Counts(ReadOnlySpan<int> documents)
    {
        var counts = new int[_superblocks];
        foreach (var document in documents)
        {
            counts[document >> SegmentFormat.SuperblockBits]++;
        }

        return counts;
    }

    /// <summary>Where the cell of each superblock starts, and the last one ends, in pairs of bytes.</summary>
    /// <param name="counts">Postings of each.</param>
    /// <param name="pairs">What the cell of so many takes.</param>
    private static uint[] Starts(int[] counts, Func<int, int> pairs)
    {
        var starts = new uint[counts.Length + 1];
        for (var i = 0; i < counts.Length; i++)
        {
            starts[i + 1] = starts[i] + (uint)pairs(counts[i]);
        }

        return starts;
    }

    /// <summary>Writes cells that are pairs, or bitmaps, or both.</summary>
    private void WriteCells(ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts, bool pairs, bool bitmaps)
    {
        for (int start = 0, end; start < documents.Length; start = end)
        {
            var superblock = documents[start] >> SegmentFormat.SuperblockBits;
            for (end = start + 1; end < documents.Length && documents[end] >> SegmentFormat.SuperblockBits == superblock;)
            {
                end++;
            }

            var isBitmap = end - start >= BitmapCell.MinPostings;
            if (isBitmap && bitmaps)
            {
                BitmapCell.Write(_writer, documents[start..end], impacts[start..end]);
            }

            for (var i = start; i < end && !isBitmap && pairs; i++)
            {
                _writer.WriteUInt16((ushort)((byte)documents[i] | (impacts[i] << 8)));
            }
        }
    }

    /// <summary>Ceilings of the blocks' largest weights in fifteenths of the term's largest, which is that of the first so many postings; all fifteen for the others'.</summary>
    private byte[] Row(ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts, int bounded, int blockBits, float largest)
    {
        var row = new byte[SegmentFormat.RowBytes(_superblocks << (SegmentFormat.SuperblockBits - blockBits))];
        for (var start = 0; start < documents.Length;)
        {
            var block = documents[start] >> blockBits;
            var weight = start < bounded ? 0f : largest;
            for (; start < documents.Length && documents[start] >> blockBits == block; start++)
            {
                weight = Math.Max(weight, Impact.Decode(impacts[start], _baseExponent + (_shifts is null ? 0 : _shifts[documents[start]])));
            }

            var level = (int)Math.Min(SegmentFormat.BoundsLevels, Math.Ceiling((double)weight * SegmentFormat.BoundsLevels / largest));
            row[block >> 1] |= (byte)(level << ((block & 1) * SegmentFormat.BoundBits));
        }

        return row;
    }

    private void WriteDictionary()
    {
        var slots = 1 + (int)Math.Min(_entries.Count * SlotsPerTerm, Array.MaxLength - 1);
        _writer.Begin(SegmentFormat.Terms + _field);
        _writer.WriteUInt32((uint)_entries.Count);
        _writer.WriteUInt32((uint)_baseExponent);
        _writer.WriteUInt32((uint)slots);
        _writer.WriteUInt32((uint)_rows.Count);
        _writer.WriteUInt32((uint)_sparseRows.Count);
        _writer.WriteUInt32((uint)_sparserRows.Count);
        _writer.WriteUInt32((uint)_boundedSuperblocks);
        _writer.WriteUInt32(0);
        TermEntries.Write(_writer, CollectionsMarshal.AsSpan(_entries));
        PackedNumbers.Write(_writer, Slots(slots));
        PackedTexts.Write(_writer, _names.WrittenSpan, CollectionsMarshal.AsSpan(_nameEnds));
        _writer.End();
    }

    private long[] Slots(int count)
    {
        var slots = new long[count];
        for (var term = 0; term < _entries.Count; term++)
        {
            var name = _names.WrittenSpan[(term == 0 ? 0 : _nameEnds[term - 1]).._nameEnds[term]];
            var slot = FieldPostings.Slot(FieldPostings.Hash(name), count);
            while (slots[slot] != 0)
            {
                slot = slot + 1 == count ? 0 : slot + 1;
            }

            slots[slot] = term + 1;
        }

        return slots;
    }
}
