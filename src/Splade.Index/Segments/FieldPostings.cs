using System.IO.Hashing;
using Splade.Index.Codecs;

namespace Splade.Index.Segments;

/// <summary>Dictionary, posting lists, bounds and document scales of one field of a segment.</summary>
internal sealed unsafe class FieldPostings
{
    private readonly Section _terms;
    private readonly Section _postings;
    private readonly Section? _bounds;
    private readonly int _superblocks;
    private readonly int _documents;
    private readonly int _slotBits;
    private readonly TermEntry* _entries;
    private readonly uint* _nameOffsets;
    private readonly uint* _slots;
    private readonly byte* _shifts;
    private readonly long _names;

    public FieldPostings(string name, int documents, Section terms, Section postings, Section? bounds, Section? scales)
    {
        Name = name;
        _terms = terms;
        _postings = postings;
        _bounds = bounds;
        _documents = documents;
        _superblocks = SegmentFormat.Superblocks(documents);
        var header = terms.Numbers<int>(0, SegmentFormat.TermsHeader / 4);
        TermCount = header[0];
        BaseExponent = header[1];
        BlockBits = header[2];
        Rows = header[3];
        _slotBits = header[4];
        if (TermCount < 0 || _slotBits is < 0 or > 30 || BlockBits is < 3 or > SegmentFormat.SuperblockBits || Rows < 0 || Rows > TermCount
            || BaseExponent is < Impact.MinExponent or > 127)
        {
            throw terms.Corrupt("Its header is damaged.");
        }

        long offset = SegmentFormat.TermsHeader;
        _entries = (TermEntry*)terms.Pointer(offset, TermCount * (long)SegmentFormat.TermEntryBytes);
        offset += TermCount * (long)SegmentFormat.TermEntryBytes;
        _nameOffsets = (uint*)terms.Pointer(offset, (TermCount + 1L) * 4);
        offset += (TermCount + 1L) * 4;
        _slots = (uint*)terms.Pointer(offset, 4L << _slotBits);
        _names = offset + (4L << _slotBits);
        RowBytes = SegmentFormat.BoundsRowBytes(SegmentFormat.BlockCount(documents, BlockBits));
        if (Rows > 0 && (bounds is null || bounds.Length < Rows * RowBytes))
        {
            throw new SegmentCorruptException(terms.File, SegmentFormat.Bounds + name, $"It is too short for {Rows} rows.");
        }

        _shifts = scales is null ? null : scales.Pointer(0, documents);
        if (scales is not null)
        {
            foreach (var shift in scales.Bytes(0, documents))
            {
                LargestShift = Math.Max(LargestShift, shift);
            }

            if (BaseExponent + LargestShift > 127)
            {
                throw scales.Corrupt("A scale lies beyond what weights can have.");
            }
        }
    }

    public string Name { get; }

    public int TermCount { get; }

    /// <summary>Impacts count in 2^(this + a document's shift).</summary>
    public int BaseExponent { get; }

    /// <summary>Largest of all shifts; 0 when the field has one scale.</summary>
    public int LargestShift { get; }

    /// <summary>Logarithm of the documents in a block of the bounds.</summary>
    public int BlockBits { get; }

    public int Rows { get; }

    public long RowBytes { get; }

    public long PostingsBytes => _postings.Length;

    /// <summary>Shift of each document; null when all are 0.</summary>
    public byte* Shifts => _shifts;

    public int Exponent(int document) => BaseExponent + (_shifts == null ? 0 : _shifts[document]);

    public ReadOnlySpan<byte> Term(int term) =>
        _terms.Bytes(_names + _nameOffsets[term], (int)Math.Clamp(_nameOffsets[term + 1] - (long)_nameOffsets[term], -1, int.MaxValue));

    /// <summary>Position of a term; -1 when no document has it.</summary>
    public int Find(ReadOnlySpan<byte> term)
    {
        var mask = (1u << _slotBits) - 1;
        var slot = (uint)Hash(term) & mask;
        for (var probes = 0u; probes <= mask; probes++, slot = (slot + 1) & mask)
        {
            var candidate = _slots[slot];
            if (candidate == 0)
            {
                return -1;
            }

            if (candidate > (uint)TermCount)
            {
                throw _terms.Corrupt("A slot points beyond the last term.");
            }

            if (Term((int)candidate - 1).SequenceEqual(term))
            {
                return (int)candidate - 1;
            }
        }

        return -1;
    }

    public static ulong Hash(ReadOnlySpan<byte> term) => XxHash3.HashToUInt64(term);

    public ref readonly TermEntry Entry(int term)
    {
        ref readonly var entry = ref _entries[term];
        if (entry.Frequency < 1 || entry.Frequency > _documents || entry.Row < TermEntry.SparseRow || entry.Row >= Rows || !(entry.Largest > 0f))
        {
            throw _terms.Corrupt($"The entry of term {term} is damaged.");
        }

        return ref entry;
    }

    public byte* Row(in TermEntry entry) => _bounds!.Pointer(entry.Row * RowBytes, RowBytes);

    public FlatList Flat(in TermEntry entry)
    {
        var ranges = _postings.Number<int>(entry.Offset);
        if (ranges < 1 || ranges > entry.Frequency)
        {
            throw _postings.Corrupt($"A list claims {ranges} ranges for {entry.Frequency} documents.");
        }

        var start = _postings.Pointer(entry.Offset + 4, (ranges * 4L) + (entry.Frequency * 3L));
        var list = new FlatList(
            (ListRange*)start, ranges, (ushort*)(start + (ranges * 4L)), start + (ranges * 4L) + (entry.Frequency * 2L), entry.Frequency);
        CheckRanges(list.Ranges, ranges, entry.Frequency, _documents);
        return list;
    }

    public SparseList Sparse(in TermEntry entry)
    {
        var header = _postings.Numbers<int>(entry.Offset, 2);
        int ranges = header[0], cells = header[1];
        if (ranges < 1 || cells < ranges || cells > entry.Frequency)
        {
            throw _postings.Corrupt($"A list claims {ranges} ranges and {cells} cells for {entry.Frequency} documents.");
        }

        var starts = (cells + (1L << SegmentFormat.SparseStartBits) - 1) >> SegmentFormat.SparseStartBits;
        var postings = ((starts * 4) + (cells * 3L) + (ranges * 4L) + 1) & ~1L;
        var start = _postings.Pointer(entry.Offset + 8, postings + (entry.Frequency * 2L) + SegmentFormat.PostingsPadding);
        var startsAt = start + (ranges * 4L);
        var blocks = (ushort*)(startsAt + (starts * 4));
        CheckRanges((ListRange*)start, ranges, cells, SegmentFormat.BlockCount(_documents, BlockBits));
        return new SparseList(
            (ListRange*)start, ranges, cells, blocks, (byte*)(blocks + cells), (uint*)startsAt, start + postings, entry.Frequency);
    }

    public CelledList Celled(in TermEntry entry)
    {
        var directory = SegmentFormat.DirectoryBytes(_superblocks);
        var start = _postings.Pointer(entry.Offset, directory + (entry.Frequency * 2L) + SegmentFormat.PostingsPadding);
        return new CelledList(
            (uint*)start, (ushort*)(start + (SegmentFormat.DirectoryBases(_superblocks) * 4L)), start + directory, entry.Frequency);
    }

    /// <summary>All documents of a term, ascending, with their impacts.</summary>
    /// <param name="term">Position of the term.</param>
    /// <param name="documents">At least as long as the term's frequency.</param>
    /// <param name="impacts">As long.</param>
    public int Read(int term, Span<int> documents, Span<byte> impacts)
    {
        ref readonly var entry = ref Entry(term);
        var count = 0;
        switch (entry.Kind)
        {
            case ListKind.Celled:
                var celled = Celled(entry);
                for (var superblock = 0; superblock < _superblocks; superblock++)
                {
                    var (start, end) = Cell(celled, superblock);
                    for (var i = start; i < end; i++)
                    {
                        documents[count] = (superblock << SegmentFormat.SuperblockBits) | celled.Postings[2L * i];
                        impacts[count++] = celled.Postings[(2L * i) + 1];
                    }
                }

                break;
            case ListKind.Sparse:
                var sparse = Sparse(entry);
                for (int r = 0, cell = 0; r < sparse.RangeCount; r++)
                {
                    for (var end = cell + sparse.Ranges[r].Count; cell < end; cell++)
                    {
                        var first = (sparse.Ranges[r].First | sparse.Blocks[cell]) << BlockBits;
                        for (var i = CheckCell(sparse, cell, count); i > 0; i--)
                        {
                            documents[count] = first + sparse.Postings[2L * count];
                            impacts[count] = sparse.Postings[(2L * count) + 1];
                            count++;
                        }
                    }
                }

                break;
            default:
                var flat = Flat(entry);
                for (var r = 0; r < flat.RangeCount; r++)
                {
                    for (var i = flat.Ranges[r].Count; i > 0; i--, count++)
                    {
                        documents[count] = flat.Ranges[r].First | flat.Documents[count];
                        impacts[count] = flat.Impacts[count];
                    }
                }

                break;
        }

        for (var i = 0; i < count; i++)
        {
            if ((uint)documents[i] >= (uint)_documents || (i > 0 && documents[i] <= documents[i - 1]))
            {
                throw _postings.Corrupt($"The documents of term {term} are out of order.");
            }
        }

        return count;
    }

    /// <summary>Impact of a document in a term's list; 0 when it is not there.</summary>
    public byte ImpactOf(int term, int document)
    {
        ref readonly var entry = ref Entry(term);
        switch (entry.Kind)
        {
            case ListKind.Celled:
                var celled = Celled(entry);
                var (start, end) = Cell(celled, document >> SegmentFormat.SuperblockBits);
                for (var i = start; i < end; i++)
                {
                    if (celled.Postings[2L * i] == (byte)document)
                    {
                        return celled.Postings[(2L * i) + 1];
                    }
                }

                return 0;
            case ListKind.Sparse:
                var sparse = Sparse(entry);
                var block = document >> BlockBits;
                for (int cell = Place(sparse.Ranges, sparse.RangeCount, sparse.Blocks, block); cell >= 0 && cell < sparse.CellCount; cell++)
                {
                    if (sparse.Blocks[cell] != (ushort)block)
                    {
                        return 0;
                    }

                    var first = sparse.Start(cell);
                    for (var i = first + CheckCell(sparse, cell, first) - 1; i >= first; i--)
                    {
                        if (sparse.Postings[2 * i] == (document & ((1 << BlockBits) - 1)))
                        {
                            return sparse.Postings[(2 * i) + 1];
                        }
                    }
                }

                return 0;
            default:
                var flat = Flat(entry);
                var found = Place(flat.Ranges, flat.RangeCount, flat.Documents, document);
                return found < 0 ? (byte)0 : flat.Impacts[found];
        }
    }

    /// <summary>Position of the first of a number among ascending numbers in ranges; -1 when it is not there.</summary>
    private static int Place(ListRange* ranges, int rangeCount, ushort* numbers, int number)
    {
        var position = 0;
        for (var r = 0; r < rangeCount; r++)
        {
            var count = ranges[r].Count;
            if (ranges[r].Range == number >> SegmentFormat.RangeBits)
            {
                var found = new ReadOnlySpan<ushort>(numbers + position, count).BinarySearch((ushort)number);
                while (found > 0 && numbers[position + found - 1] == (ushort)number)
                {
                    found--;
                }

                return found < 0 ? -1 : position + found;
            }

            position += count;
        }

        return -1;
    }

    /// <summary>Postings of a cell that starts at a posting, checked to lie inside.</summary>
    private int CheckCell(in SparseList list, int cell, long start)
    {
        var count = list.CountOf(cell);
        return start + count <= list.Frequency ? count : throw DamagedDirectory();
    }

    private void CheckRanges(ListRange* ranges, int count, int sum, int limit)
    {
        long total = 0;
        for (int i = 0, previous = -1; i < count; i++)
        {
            total += ranges[i].Count;
            if (ranges[i].Range <= previous || ranges[i].First >= limit)
            {
                throw _postings.Corrupt("The ranges of a list are out of order.");
            }

            previous = ranges[i].Range;
        }

        if (total != sum)
        {
            throw _postings.Corrupt("The ranges of a list don't sum to what it has.");
        }
    }

    private (uint Start, uint End) Cell(in CelledList list, int superblock)
    {
        uint start = list.Start(superblock), end = list.Start(superblock + 1);
        return start <= end && end - start <= SegmentFormat.SuperblockSize && end <= (uint)list.Frequency
            ? (start, end)
            : throw _postings.Corrupt("The directory of a list is damaged.");
    }

    /// <summary>What a search throws that meets a damaged directory.</summary>
    public SegmentCorruptException DamagedDirectory() => _postings.Corrupt("The directory of a list is damaged.");
}
