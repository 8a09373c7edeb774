using System.Buffers;
using System.IO.Hashing;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Codecs;
using Splade.Index.Search;

namespace Splade.Index.Segments;

/// <summary>Dictionary, posting lists, bounds and document scales of one field of a segment.</summary>
internal sealed unsafe class FieldPostings
{
    private const int CacheLine = 64;

    /// <summary>Bytes of a flat list that are asked for.</summary>
    private const int MostAskedFor = 1024;

    private readonly Section _terms;
    private readonly Section _postings;
    private readonly Section? _bounds;
    private readonly int _superblocks;
    private readonly int _ranges;
    private readonly int _documents;
    private readonly int _sparseRows;
    private readonly int _sparserRows;
    private readonly long _rowBytes;
    private readonly long _sparseRowBytes;
    private readonly long _sparserRowBytes;
    private readonly TermEntries _entries;
    private readonly PackedTexts _names;
    private readonly PackedNumbers _slots;
    private readonly byte* _shifts;

    public FieldPostings(string name, int documents, Section terms, Section postings, Section? bounds, Section? scales)
    {
        Name = name;
        _terms = terms;
        _postings = postings;
        _bounds = bounds;
        _documents = documents;
        _superblocks = SegmentFormat.Superblocks(documents);
        _ranges = SegmentFormat.Ranges(_superblocks);
        var header = terms.Numbers<int>(0, SegmentFormat.TermsHeader / 4);
        TermCount = header[0];
        BaseExponent = header[1];
        var slots = header[2];
        Rows = header[3];
        _sparseRows = header[4];
        _sparserRows = header[5];
        BoundedSuperblocks = header[6];
        if (TermCount < 0 || slots <= TermCount || slots > SegmentFormat.MostSlots(TermCount) || Rows < 0 || _sparseRows < 0 || _sparserRows < 0
            || Rows + (long)_sparseRows + _sparserRows > TermCount
            || BaseExponent is < Impact.MinExponent or > 127 || (uint)BoundedSuperblocks > (uint)_superblocks)
        {
            throw terms.Corrupt("Its header is damaged.");
        }

        long position = SegmentFormat.TermsHeader;
        _entries = new TermEntries(terms, ref position, TermCount);
        _slots = new PackedNumbers(terms, ref position, slots);
        _names = new PackedTexts(terms, ref position, TermCount);
        _rowBytes = SegmentFormat.CelledRowBytes(_superblocks);
        _sparseRowBytes = SegmentFormat.RowBytes(_superblocks);
        _sparserRowBytes = SegmentFormat.LevelsRowBytes(_superblocks);
        var rows = Rows + _sparseRows + _sparserRows;
        BoundsBytes = rows == 0
            ? 0
            : (Rows * _rowBytes) + (_sparseRows * _sparseRowBytes) + (_sparserRows * _sparserRowBytes) + SegmentFormat.PostingsPadding;
        if (BoundsBytes > 0 && (bounds is null || bounds.Length < BoundsBytes))
        {
            throw new SegmentCorruptException(terms.File, SegmentFormat.Bounds + name, $"It is too short for its {rows} rows.");
        }

        _shifts = scales is null ? null : scales.Pointer(0, documents);
        if (scales is not null && documents > 0)
        {
            var shifts = scales.Bytes(0, documents);
            foreach (var shift in shifts)
            {
                LargestShift = Math.Max(LargestShift, shift);
            }

            SuperblockShifts = ShiftsOfSuperblocks(shifts);
            if (BaseExponent + LargestShift > 127)
            {
                throw scales.Corrupt("A scale lies beyond what weights can have.");
            }
        }
    }

    /// <summary>More than any shift.</summary>
    public const byte SeveralShifts = byte.MaxValue;

    public string Name { get; }

    /// <summary>Documents of the segment.</summary>
    public int Documents => _documents;

    public int TermCount { get; }

    /// <summary>Impacts count in 2^(this + a document's shift).</summary>
    public int BaseExponent { get; }

    /// <summary>Largest of all shifts; 0 when the field has one scale.</summary>
    public int LargestShift { get; }

    /// <summary>The shift of all documents of a superblock, or <see cref="SeveralShifts"/>; null when all shifts are 0.</summary>
    public byte[]? SuperblockShifts { get; }

    /// <summary>Superblocks, from the first on, that bounds are of. Documents of far larger weights may lie in those behind, any of which may have a hit.</summary>
    public int BoundedSuperblocks { get; }

    /// <summary>Rows of celled terms.</summary>
    public int Rows { get; }

    public long PostingsBytes => _postings.Length;

    public long BoundsBytes { get; }

    /// <summary>Postings of all terms; reads every term's entry.</summary>
    public long CountPostings()
    {
        var sum = 0L;
        for (var term = 0; term < TermCount; term++)
        {
            sum += Entry(term).Frequency;
        }

        return sum;
    }

    /// <summary>Shift of each document; null when all are 0.</summary>
    public byte* Shifts => _shifts;

    public int Exponent(int document) => BaseExponent + (_shifts == null ? 0 : _shifts[document]);

    public ReadOnlySpan<byte> Term(int term) => _names[term];

    /// <summary>Position of a term; -1 when no document has it.</summary>
    public int Find(ReadOnlySpan<byte> term) => Find(term, Hash(term));

    /// <param name="term">The term.</param>
    /// <param name="hash">Its <see cref="Hash"/>.</param>
    /// <returns>Its position; -1 when no document has it.</returns>
    public int Find(ReadOnlySpan<byte> term, ulong hash)
    {
        var slots = _slots.Count;
        var slot = Slot(hash, slots);
        for (var probes = 0; probes < slots; probes++, slot = slot + 1 == slots ? 0 : slot + 1)
        {
            var candidate = _slots.At(slot) - 1;
            if (candidate < 0)
            {
                return -1;
            }

            if (candidate >= TermCount)
            {
                throw _terms.Corrupt("A slot points beyond the last term.");
            }

            if (_names[(int)candidate].SequenceEqual(term))
            {
                return (int)candidate;
            }
        }

        return -1;
    }

    /// <summary>Asks for the memory of terms that are looked up soon, one step after another: each step reads what the one before has asked for.</summary>
    public void Prefetch(ReadOnlySpan<PreparedQuery.Feature> features)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        var slots = _slots.Count;
        foreach (ref readonly var feature in features)
        {
            Sse.Prefetch0(_slots.Address(Slot(feature.Hash, slots)));
        }

        foreach (ref readonly var feature in features)
        {
            // Of a free slot, something before the first.
            var term = (int)_slots.At(Slot(feature.Hash, slots)) - 1;
            Sse.Prefetch0(_entries.Address(term));
            Sse.Prefetch0(_names.PlaceOf(term));
        }

        var postings = _postings.Pointer(0, 0);
        foreach (ref readonly var feature in features)
        {
            var term = _slots.At(Slot(feature.Hash, slots)) - 1;
            if ((ulong)term < (ulong)TermCount)
            {
                // Addresses of a damaged file may be any.
                Sse.Prefetch0(_names.AddressOf((int)term));
                Sse.Prefetch0(postings + _entries.Place((int)term).Offset);
            }
        }
    }

    /// <summary>Asks for the memory of a flat list that is read soon; the processor sees by then where it goes on.</summary>
    public void PrefetchFlat(long offset, int frequency)
    {
        if (Sse.IsSupported)
        {
            var start = _postings.Pointer(offset, 0);
            for (var i = 0; i < Math.Min(frequency * 3L, MostAskedFor); i += CacheLine)
            {
                Sse.Prefetch0(start + i);
            }
        }
    }

    private static byte[] ShiftsOfSuperblocks(ReadOnlySpan<byte> shifts)
    {
        var ofSuperblocks = new byte[SegmentFormat.Superblocks(shifts.Length)];
        foreach (ref var shift in ofSuperblocks.AsSpan())
        {
            var documents = shifts[..Math.Min(shifts.Length, SegmentFormat.SuperblockSize)];
            shift = documents.ContainsAnyExcept(documents[0]) ? SeveralShifts : documents[0];
            shifts = shifts[documents.Length..];
        }

        return ofSuperblocks;
    }

    public static ulong Hash(ReadOnlySpan<byte> term) => XxHash3.HashToUInt64(term);

    /// <summary>The slot in which a name is looked for first.</summary>
    /// <param name="hash">The name's <see cref="Hash"/>.</param>
    /// <param name="slots">How many there are.</param>
    public static int Slot(ulong hash, int slots) => (int)((uint)hash * (ulong)slots >> 32);

    public TermEntry Entry(int term)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)term, (uint)TermCount, nameof(term));
        var (offset, kind) = _entries.Place(term);
        var weights = _entries.Weights(term, out var number);
        var (row, frequency) = kind == ListKind.Flat ? (0u, number + 1) : (number, *(uint*)_postings.Pointer(offset, SegmentFormat.FrequencyBytes));
        var rows = kind switch { ListKind.Celled => Rows, ListKind.Sparse => _sparseRows, ListKind.Sparser => _sparserRows, _ => 1 };
        return row < (uint)rows && frequency >= 1 && frequency <= (uint)_documents && weights.Largest > 0f
            ? new TermEntry(offset, kind, (int)row, (int)frequency, weights)
            : throw _terms.Corrupt($"The entry of term {term} is damaged.");
    }

    /// <summary>Bounds of a celled term's blocks, or of a sparse term's superblocks.</summary>
    public byte* Row(in TermEntry entry) => entry.Kind switch
    {
        ListKind.Celled => _bounds!.Pointer(entry.Row * _rowBytes, _rowBytes),
        ListKind.Sparse => _bounds!.Pointer((Rows * _rowBytes) + (entry.Row * _sparseRowBytes), _sparseRowBytes),
        _ => _bounds!.Pointer(
            (Rows * _rowBytes) + (_sparseRows * _sparseRowBytes) + (entry.Row * _sparserRowBytes), _sparserRowBytes + SegmentFormat.PostingsPadding),
    };

    /// <summary>Reads a flat list.</summary>
    /// <param name="offset">Where it lies.</param>
    /// <param name="frequency">Its documents.</param>
    /// <param name="documents">Takes them, with <see cref="PackedGaps.Room"/>.</param>
    public FlatList Flat(long offset, int frequency, int* documents)
    {
        var start = _postings.Pointer(offset, SegmentFormat.PostingsPadding);
        var end = start + (_postings.Length - SegmentFormat.PostingsPadding - offset);
        var impacts = PackedGaps.Read(start, end, _documents, frequency, documents);
        return impacts != null && end - impacts >= frequency ? new FlatList(documents, impacts) : throw _postings.Corrupt("A flat list is damaged.");
    }

    public SparseList Sparse(in TermEntry entry)
    {
        var header = (uint*)_postings.Pointer(entry.Offset, SegmentFormat.SparseHeader(bitmaps: 1));
        var pairs = (int)(header[1] & ~SegmentFormat.HasBitmaps);
        var bitmaps = (header[1] & SegmentFormat.HasBitmaps) == 0 ? 0 : (int)header[2];
        Check(pairs <= entry.Frequency && (uint)bitmaps <= (uint)entry.Frequency / BitmapCell.MinPostings);
        var words = SegmentFormat.SparseWords(_superblocks, pairs);
        var bytes = SegmentFormat.SparseBytes(_superblocks, pairs, bitmaps);
        var withStarts = bytes + SegmentFormat.BitmapStartsBytes(_superblocks, bitmaps);
        var list = _postings.Pointer(entry.Offset, withStarts + SegmentFormat.PostingsPadding);
        var starts = (uint*)(list + SegmentFormat.SparseHeader(bitmaps));
        var bits = (ulong*)(starts + SegmentFormat.SparseStarts(_superblocks));
        var before = (uint*)(list + bytes);
        var bitmapStarts = before + _ranges;
        var room = (_postings.Length - SegmentFormat.PostingsPadding - entry.Offset - withStarts) / sizeof(ushort);
        var cells = new BitmapCells(before, _ranges, bitmapStarts, (byte*)(bitmapStarts + bitmaps + 1), (ushort*)(list + withStarts), bitmaps, room);
        return new SparseList(starts, bits, words, (ushort*)(bits + words), pairs, cells);
    }

    public CelledList Celled(in TermEntry entry)
    {
        var directory = SegmentFormat.DirectoryBytes(_superblocks);
        var pairs = ((int*)_postings.Pointer(entry.Offset, SegmentFormat.CelledHeader))[1];
        Check((uint)pairs <= (uint)entry.Frequency);
        var start = _postings.Pointer(entry.Offset + SegmentFormat.CelledHeader, directory + (pairs * 2L) + SegmentFormat.PostingsPadding);
        return new CelledList(
            (uint*)start, (ushort*)(start + (SegmentFormat.DirectoryBases(_superblocks) * 4L)), (ushort*)(start + directory), pairs);
    }

    /// <summary>All documents of a term, ascending, with their impacts.</summary>
    /// <param name="term">Position of the term.</param>
    /// <param name="documents">At least as long as the term's frequency.</param>
    /// <param name="impacts">As long.</param>
    public int Read(int term, Span<int> documents, Span<byte> impacts)
    {
        var entry = Entry(term);
        var count = 0;
        switch (entry.Kind)
        {
            case ListKind.Celled:
                var celled = Celled(entry);
                for (var superblock = 0; superblock < _superblocks; superblock++)
                {
                    Check(celled.TryFind(superblock, out var cell, out var pairs));
                    count += ReadCell(cell, pairs, superblock, documents[count..], impacts[count..]);
                }

                break;
            case ListKind.Sparse or ListKind.Sparser:
                var sparse = Sparse(entry);
                for (var superblock = 0; superblock < _superblocks; superblock++)
                {
                    Check(sparse.TryFind(superblock, out var cell, out var pairs));
                    count += ReadCell(cell, pairs, superblock, documents[count..], impacts[count..]);
                }

                break;
            default:
                count = ReadFlat(entry, documents, impacts);
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
        var entry = Entry(term);
        if (entry.Kind == ListKind.Flat)
        {
            var documents = new int[entry.Frequency];
            var impacts = new byte[entry.Frequency];
            ReadFlat(entry, documents, impacts);
            var found = documents.AsSpan().BinarySearch(document);
            return found < 0 ? (byte)0 : impacts[found];
        }

        var superblock = document >> SegmentFormat.SuperblockBits;
        int pairs;
        ushort* cell;
        Check(entry.Kind == ListKind.Celled ? Celled(entry).TryFind(superblock, out cell, out pairs) : Sparse(entry).TryFind(superblock, out cell, out pairs));
        return (byte)CellLookup.Find(cell, pairs, (byte)document);
    }

    private int ReadFlat(in TermEntry entry, Span<int> documents, Span<byte> impacts)
    {
        var unpacked = ArrayPool<int>.Shared.Rent(PackedGaps.Room(entry.Frequency));
        try
        {
            fixed (int* first = unpacked)
            {
                var list = Flat(entry.Offset, entry.Frequency, first);
                new ReadOnlySpan<int>(list.Documents, entry.Frequency).CopyTo(documents);
                new ReadOnlySpan<byte>(list.Impacts, entry.Frequency).CopyTo(impacts);
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(unpacked);
        }

        return entry.Frequency;
    }

    /// <returns>Postings of the cell.</returns>
    private int ReadCell(ushort* cell, int pairs, int superblock, Span<int> documents, Span<byte> impacts)
    {
        var first = superblock << SegmentFormat.SuperblockBits;
        if (BitmapCell.Is(pairs))
        {
            var count = BitmapCell.Count(cell, pairs);
            Check(count >= 0 && count <= documents.Length);
            BitmapCell.Read(cell, first, documents, impacts);
            return count;
        }

        Check(pairs <= documents.Length);
        for (var i = 0; i < pairs; i++)
        {
            documents[i] = first | (byte)cell[i];
            impacts[i] = (byte)(cell[i] >> 8);
        }

        return pairs;
    }

    private void Check(bool sound)
    {
        if (!sound)
        {
            throw DamagedDirectory();
        }
    }

    /// <summary>What a search throws that meets a damaged directory.</summary>
    public SegmentCorruptException DamagedDirectory() => _postings.Corrupt("The directory of a list is damaged.");
}
