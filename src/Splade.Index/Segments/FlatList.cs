using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>A flat list in memory: documents in ranges, then impacts.</summary>
internal readonly unsafe struct FlatList
{
    public readonly int RangeCount;
    public readonly ushort* Documents;
    public readonly byte* Impacts;
    public readonly int Frequency;
    private readonly byte* _ranges;
    private readonly bool _isWide;
    private readonly int _last;

    /// <param name="start">Where it lies.</param>
    /// <param name="ranges">Its ranges, at least one.</param>
    /// <param name="documents">Documents of the segment.</param>
    /// <param name="frequency">Its documents.</param>
    public FlatList(byte* start, int ranges, int documents, int frequency)
    {
        RangeCount = ranges;
        Frequency = frequency;
        _ranges = start;
        _isWide = SegmentFormat.HasWideRanges(documents, frequency);
        Documents = (ushort*)(start + SegmentFormat.RangesBytes(ranges, documents, frequency));
        Impacts = (byte*)(Documents + frequency);
        _last = frequency;
        for (var i = 0; i < ranges - 1; i++)
        {
            _last -= Count(i);
        }
    }

    /// <summary>Which range of documents the i-th one is.</summary>
    public int Range(int i) => Number(i);

    /// <summary>Its documents in the list.</summary>
    public int Count(int i) => i == RangeCount - 1 ? _last : Number(RangeCount + i) + 1;

    public int FirstDocument(int i) => Range(i) << SegmentFormat.RangeBits;

    /// <summary>Of those that describe the ranges: first which they are, then how many documents each has.</summary>
    private int Number(int i) => _isWide ? ((ushort*)_ranges)[i] : _ranges[i];

    /// <param name="writer">Where it goes, at an even place.</param>
    /// <param name="documents">Ascending, at least one.</param>
    /// <param name="impacts">As many.</param>
    /// <returns>How many ranges it has.</returns>
    public static int Write(SegmentWriter writer, ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts)
    {
        var numbers = new List<int>();
        var counts = new List<int>();
        for (var start = 0; start < documents.Length;)
        {
            var range = documents[start] >> SegmentFormat.RangeBits;
            var end = start;
            while (end < documents.Length && documents[end] >> SegmentFormat.RangeBits == range)
            {
                end++;
            }

            numbers.Add(range);
            counts.Add(end - start - 1);
            start = end;
        }

        WriteRanges(writer, CollectionsMarshal.AsSpan(numbers), documents.Length);
        WriteRanges(writer, CollectionsMarshal.AsSpan(counts)[..^1], documents.Length);
        writer.Align(2);
        foreach (var document in documents)
        {
            writer.WriteUInt16((ushort)document);
        }

        writer.Write(impacts);
        return numbers.Count;
    }

    private static void WriteRanges(SegmentWriter writer, ReadOnlySpan<int> numbers, int frequency)
    {
        var isWide = SegmentFormat.HasWideRanges(writer.Documents, frequency);
        foreach (var number in numbers)
        {
            if (isWide)
            {
                writer.WriteUInt16((ushort)number);
            }
            else
            {
                writer.WriteByte((byte)number);
            }
        }
    }
}
