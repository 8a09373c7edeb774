namespace Splade.Index.Segments;

/// <summary>
/// Constants of the segment file. All numbers are little-endian. A file is:
/// <code>
/// magic "SPLSEG" + u16 version
/// sections, each aligned to 8 bytes:
///   ids       u32 offset[n + 1], then the UTF-8 bytes of the ids; documents are in ascending order of these bytes, so that
///             document numbers break ties as ids do
///   versions  per document: i64 version, i64 sequence number
///   stored    blocks of sources, deflated one after another
///   blocks    u32 blocks, per block (u64 offset in stored, u32 deflated bytes, u32 raw bytes), per document (u32 block, u32 start, u32 length)
///   postings:F  per term: u32 ranges, per range (u32 range, u32 count), then u16 document in its range [df], then u16 weight code [df]
///   terms:F     u32 terms, u32 offset[terms + 1] of the names, per term (u64 offset in postings, u32 df, u32 largest code), then the UTF-8 names, ascending
/// table       u32 sections, per section: u16 length of name, name, u64 offset, u64 length, u64 XxHash64
/// tail        u64 offset of table, u64 XxHash64 of table, u32 documents, u32 zero, magic "SPLEND" + u16 version
/// </code>
/// A range is 32,768 neighbouring documents: its accumulators stay in the cache.
/// </summary>
internal static class SegmentFormat
{
    public const ushort Version = 1;
    public const int RangeBits = 15;
    public const int RangeSize = 1 << RangeBits;
    public const int TailLength = 32;
    public const int HeaderLength = 8;

    /// <summary>Sources are deflated in blocks of about this many raw bytes.</summary>
    public const int StoredBlockBytes = 16 * 1024;

    public const string Ids = "ids";
    public const string Versions = "versions";
    public const string Stored = "stored";
    public const string Blocks = "blocks";
    public const string Postings = "postings:";
    public const string Terms = "terms:";
    public const string Table = "table";

    public static ReadOnlySpan<byte> Magic => "SPLSEG"u8;

    public static ReadOnlySpan<byte> EndMagic => "SPLEND"u8;

    public static ReadOnlySpan<byte> LiveMagic => "SPLLIV"u8;
}
