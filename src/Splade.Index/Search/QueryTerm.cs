using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>A feature of a query in one segment: its list, and where the last search in it ended.</summary>
internal unsafe struct QueryTerm
{
    public uint Weight;
    public int Clause;
    public int Frequency;

    /// <summary>The most that it can add to a score.</summary>
    public double LargestContribution;
    public ListKind Kind;
    public CelledList Celled;

    /// <summary>Bounds of a celled term.</summary>
    public byte* Row;
    public SparseList Sparse;
    public FlatList Flat;
    public FieldPostings Field;
    private int _range;
    private int _rangeStart;
    private int _position;

    /// <summary>
    /// Entries of a flat or sparse list, documents or cells, in neighbouring documents or blocks that lie in one range. Fast when called for ascending ones.
    /// </summary>
    public void Find(int firstNumber, int numbers, out int start, out int end)
    {
        var ranges = Kind == ListKind.Flat ? Flat.Ranges : Sparse.Ranges;
        var rangeCount = Kind == ListKind.Flat ? Flat.RangeCount : Sparse.RangeCount;
        var entries = Kind == ListKind.Flat ? Flat.Documents : Sparse.Blocks;
        var range = firstNumber >> SegmentFormat.RangeBits;
        if (_range == rangeCount || ranges[_range].Range > range)
        {
            (_range, _rangeStart, _position) = (0, 0, 0);
        }

        while (_range < rangeCount && ranges[_range].Range < range)
        {
            _rangeStart += ranges[_range++].Count;
            _position = _rangeStart;
        }

        if (_range == rangeCount || ranges[_range].Range != range)
        {
            start = end = 0;
            return;
        }

        var rangeEnd = _rangeStart + ranges[_range].Count;
        var first = firstNumber & ((1 << SegmentFormat.RangeBits) - 1);
        if (_position > _rangeStart && entries[_position - 1] >= first)
        {
            _position = _rangeStart;
        }

        start = LowerBound(entries, _position, rangeEnd, first);
        end = LowerBound(entries, start, rangeEnd, first + numbers);
        _position = start;
    }

    /// <summary>First entry from a position that is not below a number; gallops, for it is near as a rule.</summary>
    private static int LowerBound(ushort* entries, int low, int high, int number)
    {
        var step = 1;
        while (low + step < high && entries[low + step] < number)
        {
            low += step;
            step *= 2;
        }

        high = Math.Min(high, low + step + 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (entries[middle] < number)
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
