using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>A feature of a query in one segment: its list, and for sparse and flat ones where the last search in it ended.</summary>
internal unsafe struct QueryTerm
{
    public uint Weight;
    public int Clause;
    public int Frequency;

    /// <summary>The most that it can add to a score.</summary>
    public double LargestContribution;
    public CelledList Celled;
    public SparseList Sparse;
    public FlatList Flat;

    /// <summary>Bounds of a celled term's blocks, or of a sparse term's superblocks.</summary>
    public byte* Row;

    /// <summary>The row has 2 bits a superblock, see <see cref="LevelsRow"/>.</summary>
    public bool HasLevels;
    public FieldPostings Field;
    private int _range;
    private int _rangeStart;
    private int _position;

    /// <summary>First posting of a sparse list in a superblock or after; known at once for the one set by <see cref="SetNext"/>.</summary>
    public int FirstPosting(int superblock)
    {
        if (superblock == 0)
        {
            return 0;
        }

        if (superblock == _range)
        {
            return _position;
        }

        return Sparse.TryFind(superblock, out var start, out _) ? start : throw Field.DamagedDirectory();
    }

    public void SetNext(int superblock, int posting) => (_range, _position) = (superblock, posting);

    /// <summary>Postings of a flat list in neighbouring documents that lie in one range. Fast when called for ascending ones.</summary>
    public void FindFlat(int firstDocument, int documents, out int start, out int end)
    {
        var range = firstDocument >> SegmentFormat.RangeBits;
        if (_range == Flat.RangeCount || Flat.Ranges[_range].Range > range)
        {
            (_range, _rangeStart, _position) = (0, 0, 0);
        }

        while (_range < Flat.RangeCount && Flat.Ranges[_range].Range < range)
        {
            _rangeStart += Flat.Ranges[_range++].Count;
            _position = _rangeStart;
        }

        if (_range == Flat.RangeCount || Flat.Ranges[_range].Range != range)
        {
            start = end = 0;
            return;
        }

        var rangeEnd = _rangeStart + Flat.Ranges[_range].Count;
        var first = firstDocument & ((1 << SegmentFormat.RangeBits) - 1);
        if (_position > _rangeStart && Flat.Documents[_position - 1] >= first)
        {
            _position = _rangeStart;
        }

        start = LowerBound(Flat.Documents, _position, rangeEnd, first);
        end = LowerBound(Flat.Documents, start, rangeEnd, first + documents);
        _position = start;
    }

    /// <summary>First document from a position that is not below a number; gallops, for it is near as a rule.</summary>
    private static int LowerBound(ushort* documents, int low, int high, int number)
    {
        var step = 1;
        while (low + step < high && documents[low + step] < number)
        {
            low += step;
            step *= 2;
        }

        high = Math.Min(high, low + step + 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (documents[middle] < number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

/// <summary>The terms of a query that share a kind of list, clause by clause.</summary>
internal sealed class QueryTerms
{
    private QueryTerm[] _terms = new QueryTerm[32];

    public int Count { get; private set; }

    public long Postings { get; private set; }

    public Span<QueryTerm> Span => _terms.AsSpan(0, Count);

    /// <summary>Sum of the most that each can add to a score.</summary>
    public double LargestContributions { get; private set; }

    public void Clear() => (Count, Postings, LargestContributions) = (0, 0, 0);

    public void Add(in QueryTerm term)
    {
        if (Count == _terms.Length)
        {
            Array.Resize(ref _terms, Count * 2);
        }

        _terms[Count++] = term;
        Postings += term.Frequency;
        LargestContributions += term.LargestContribution;
    }
}
