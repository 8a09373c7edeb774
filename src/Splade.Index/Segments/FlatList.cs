namespace Splade.Index.Segments;

/// <summary>A flat list in memory: its documents, unpacked, and their impacts.</summary>
internal readonly unsafe struct FlatList(int* documents, byte* impacts)
{
    /// <summary>Ascending, all in the segment.</summary>
    public readonly int* Documents = documents;

    /// <summary>As many.</summary>
    public readonly byte* Impacts = impacts;

    /// <param name="writer">Where it goes.</param>
    /// <param name="documents">Ascending, at least one.</param>
    /// <param name="impacts">As many.</param>
    public static void Write(SegmentWriter writer, ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts)
    {
        PackedGaps.Write(writer, documents);
        writer.Write(impacts);
    }
}
