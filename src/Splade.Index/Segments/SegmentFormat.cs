namespace Splade.Index.Segments;

/// <summary>
/// Constants of the segment file. All numbers are little-endian. A file is:
/// <code>
/// magic "SPLSEG" + u16 version
/// sections, each aligned to 64 bytes:
///   ids       u32 offset[n + 1], then the UTF-8 bytes of the ids, in document order
///   order     u32 rank[n]: the place of a document's id among all ids, ascending; u32 document[n] by rank. Absent when documents are in id order
///   versions  per document: i64 version, i64 sequence number
///   stored    blocks of sources, deflated one after another
///   blocks    u32 blocks, u32 zero, per block (u64 offset in stored, u32 deflated bytes, u32 raw bytes), per document (u32 block, u32 start, u32 length)
///   scales:F    u8 shift[n]: a document's impacts count in 2^(base exponent + shift). Absent when all shifts are 0
///   postings:F  one list a term, either
///                 flat:   u32 ranges, per range (u16 range, u16 documents - 1), u16 document in its range [df], u8 impact [df];
///                 sparse: u32 ranges, u32 cells, per range (u16 range, u16 cells - 1), u32 first posting of every 32nd cell, per cell u16 block in its range,
///                         per cell u8 (level of its bound, 16 x (postings - 1)), aligned to 2, then (u8 document in its block, u8 impact)[df]; or
///                 celled: per 128 superblocks u32 base, then u16 offset[superblocks + 1] from it, aligned to 4, then (u8 document in its superblock, u8 impact)[df];
///               each aligned to 4;
///               64 bytes of zero, so that a vector may be read at the end of a list
///   bounds:F    one row for each celled term: 4 bits a block, the ceiling of its largest weight in fifteenths of the term's largest.
///               A row comes in groups of 64 bytes for 128 blocks: low halves are blocks 0 to 63 of the group, high halves 64 to 127
///   terms:F     u32 terms, i32 base exponent, u32 block bits, u32 rows, u32 slot bits, u32 zero,
///               per term (u64 offset in postings, u32 df, i32 row of the bounds, -1 for a flat list, -2 for a sparse one, f32 largest weight, f32 10th, 100th and 1,000th largest or 0),
///               u32 offset[terms + 1] of the names, u32 slot[2^slot bits]: term + 1 or 0 by hash of the name, open addressing; then the UTF-8 names, ascending
/// table       u32 sections, per section: u16 length of name, name, u64 offset, u64 length, u64 XxHash64
/// tail        u64 offset of table, u64 XxHash64 of table, u32 documents, u32 zero, magic "SPLEND" + u16 version
/// </code>
/// Documents are numbered in an order that puts similar ones side by side. A superblock is 256 neighbours, a block 8 to 64 of them.
/// A range is 65,536 documents or blocks. Frequent terms are celled: a superblock's postings are found at once, and a row of bounds tells what each block may add.
/// Terms that keep to few blocks are sparse, with the bounds in their cells. What is left is flat.
/// </summary>
internal static class SegmentFormat
{
    public const ushort Version = 2;
    public const int TailLength = 32;
    public const int HeaderLength = 8;
    public const int Alignment = 64;

    public const int SuperblockBits = 8;
    public const int SuperblockSize = 1 << SuperblockBits;

    /// <summary>Superblocks that share a base in the directory of a celled list.</summary>
    public const int DirectoryBits = 7;

    public const int RangeBits = 16;

    /// <summary>Cells of a sparse list that share a start.</summary>
    public const int SparseStartBits = 5;

    /// <summary>Postings in a cell of a sparse list at most; a block with more has several cells, with the bound in the first.</summary>
    public const int SparseCellSize = 16;

    /// <summary>Blocks in 64 bytes of a bounds row.</summary>
    public const int BoundsGroup = 128;

    /// <summary>Largest value of a bound.</summary>
    public const int BoundsLevels = 15;

    public const int PostingsPadding = 64;
    public const int TermsHeader = 24;
    public const int TermEntryBytes = 32;

    /// <summary>Sources are deflated in blocks of about this many raw bytes.</summary>
    public const int StoredBlockBytes = 16 * 1024;

    public const string Ids = "ids";
    public const string Order = "order";
    public const string Versions = "versions";
    public const string Stored = "stored";
    public const string Blocks = "blocks";
    public const string Scales = "scales:";
    public const string Postings = "postings:";
    public const string Bounds = "bounds:";
    public const string Terms = "terms:";
    public const string Table = "table";

    public static ReadOnlySpan<byte> Magic => "SPLSEG"u8;

    public static ReadOnlySpan<byte> EndMagic => "SPLEND"u8;

    public static ReadOnlySpan<byte> LiveMagic => "SPLLIV"u8;

    public static int Superblocks(int documents) => (documents + SuperblockSize - 1) >> SuperblockBits;

    /// <summary>Blocks of all superblocks, so that each superblock has all of its blocks.</summary>
    public static int BlockCount(int documents, int blockBits) => Superblocks(documents) << (SuperblockBits - blockBits);

    public static long BoundsRowBytes(int blocks) => (blocks + BoundsGroup - 1) / BoundsGroup * 64L;

    public static int DirectoryBases(int superblocks) => (superblocks >> DirectoryBits) + 1;

    /// <summary>Bytes of a celled list before its postings.</summary>
    public static long DirectoryBytes(int superblocks) => ((DirectoryBases(superblocks) * 4L) + ((superblocks + 1) * 2L) + 3) & ~3L;
}
