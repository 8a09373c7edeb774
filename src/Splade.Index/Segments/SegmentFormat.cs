namespace Splade.Index.Segments;

/// <summary>
/// Constants of the segment file. All numbers are little-endian. A file is:
/// <code>
/// magic "SPLSEG" + u16 version
/// sections, each aligned to 64 bytes:
///   ids       u32 kind, u32 digits, then of kind 0: texts; of kind 1, when all ids are decimal numbers: packed number[n], of so many digits, or without
///             leading zeros when digits is 0
///   order     packed document[n] by the rank of its id, the place among all ids in ascending order of their bytes. Absent when documents are in id
///             order
///   versions  packed version[n], packed sequence number[n]
///   stored    blocks of sources, as raw deflate one after another
///   blocks    u32 blocks, u32 zero, packed offset[blocks + 1] in stored, packed first raw byte[blocks + 1] of a block, packed first raw byte[n + 1]
///             of a document's source, both counted over all sources
///   scales:F    u8 shift[n]: a document's impacts count in 2^(base exponent + shift). Absent when all shifts are 0
///   postings:F  one list a term, in the order of terms; all but flat ones are aligned to 4 and begin with u32 df. S is the number of superblocks. The cell of a superblock with fewer than 32 postings is a pair
///               (u8 document in its superblock, u8 impact) each; of one with 32 or more, u64 words[4] of a bit a document, lowest first, then the impacts of the documents
///               whose bits are 1, then a zero if they are an odd number. What cells take counts in pairs of bytes: the postings, or of the second form half of 32 and the postings,
///               rounded up, which is 32 or more. Words are aligned as little as what is before them:
///                 celled: u32 pairs of all cells, u32 base[S / 128 + 1] for 128 superblocks each, u16 offset[S + 1] from it of each cell, in pairs, and of the end, aligned
///                         to 4, cells;
///                 sparse: u32 pairs of the cells that are pairs, plus 2^31 if others are bitmaps; if so, u32 bitmaps; u32 start[S / 64, rounded up] for 64 superblocks each: pairs
///                         before the first; then as u64 words[(S + pairs) / 64, rounded up] a bit for each pair (1) and each end of a superblock (0), the upper bits of Elias and
///                         Fano's code; the cells that are pairs; zeros up to a multiple of 4; if there are bitmaps, u32 before[S / 256, rounded up] for 256 superblocks each: bitmaps before the
///                         first; u32 start[bitmaps + 1] of each, in pairs, and of the end, u8 superblock[bitmaps] of each among the 256, aligned to 2, bitmaps;
///                 flat:   the first document in as many bytes, 1 to 4, as any document below n needs. If df is above 1, gaps follow, a document less the one before less 1
///                         each, in chunks of 8 gaps: u8 bits of the widest chunk's gaps; if chunks are several, u4 bits less than that for each (at most 15: such a chunk's gaps are wider than
///                         they need), lower halves first, in whole bytes; then each chunk's gaps, lowest bits first, in whole bytes. u8 impact [df];
///               64 bytes of zero, so that a vector may be read at the end of a list
///   bounds:F    ceilings of the largest weights in blocks or superblocks, absent when no term has a row. First the celled terms' rows, of blocks: 4 bits each, lower halves first, in
///               fifteenths of the term's largest weight, in whole words of 16 bits. Then those of superblocks, for the less sparse terms, in the same
///               form. Then the sparser terms' rows, of superblocks: u8 first level, u8 second level, in 255ths of the term's largest weight, then 2 bits
///               each, lowest first: 0 for none, 1 and 2 for these levels, 3 for the largest. Behind the bounded superblocks (see terms) a posting counts as the
///               largest: 15 or 3. 64 bytes of zero, so that a vector may be read at the end
///   terms:F     u32 terms, i32 base exponent, u32 slots, u32 rows of celled terms, u32 and u32 rows of sparse ones with 4 and 2 bits, u32 superblocks
///               from the first on that have bounds (documents of far larger weights may lie in the last ones, whose weights are left out of all that is said
///               of largest ones; where none is left, 2^base exponent counts as the largest), u32 zero,
///               entries (<see cref="TermEntries"/>): u8 o, u8 m, u8 w, u8 zero, u16 smallest weight key, u16 zero; then for each term, lowest bits first and up to a multiple of 64
///               bits in all: 2 bits kind of list and row (0 celled, 1 sparse, 2 sparse with 2 bits, 3 flat), o bits offset in postings, m bits the row's number among its kind
///               or of flat lists df - 1, w bits key of the largest weight less the smallest key, a key being the upper half of an f32, 5 bits each for the 10th, 100th and
///               1,000th largest weight in 31sts of the largest, rounded down; u64 zero; then
///               packed slot[slots]: term + 1 or 0, slots being more than terms and at most 4 x terms + 64; first looked for at slots x the lower half of the name's 64-bit XxHash3
///               (of seed 0) / 2^32, then in the next ones and after the last in the
///               first; texts: the names, ascending
/// table       aligned to 64: u32 sections, per section: u16 length of name, name, u64 offset, u64 length, u64 XxHash64
/// packed      numbers of equally many bits (<see cref="PackedNumbers"/>), aligned to 8: i64 smallest, u32 bits (0 to 56, or 64), u32 zero, the
///             differences from the smallest, lowest bits first, up to a multiple of 64 bits; u64 zero
/// texts       aligned to 8: u32 length of the shortest, u32 zero, packed start[texts + 1] of each, less that length times its number; UTF-8 bytes
/// tail        u64 offset of table, u64 XxHash64 of table, u32 documents, u32 zero, magic "SPLEND" + u16 version
/// </code>
/// Documents are numbered in an order that puts similar ones side by side. A superblock is 256 neighbours, a block 64 of them. Frequent terms are
/// celled: a superblock's postings are found by two loads, and bounds are fine. Most of what a query touches is in them. Rarer terms are sparse: a few bits
/// a posting more, and bounds a superblock. The rarest are flat, and their postings serve as bounds. From how many postings on a term is which is the writer's choice
/// (<see cref="FieldLayout"/>): a reader goes by the kind. Beside a segment file a live-documents file may lie, which says what of it is deleted (<see cref="LiveDocs.ToBytes"/>):
/// <code>
/// magic "SPLLIV" + u16 version, i32 documents, i32 deleted, u64 words of a bit a document, lowest first, 1 where it is deleted, u64 XxHash64 of all before
/// </code>
/// </summary>
internal static class SegmentFormat
{
    public const ushort Version = 10;
    public const int TailLength = 32;
    public const int HeaderLength = 8;
    public const int Alignment = 64;

    public const int SuperblockBits = 8;
    public const int SuperblockSize = 1 << SuperblockBits;

    /// <summary>
    /// Blocks of 64 documents: a superblock has four, whose bounds are 16 bits of a row. Blocks of 16 and 32 exclude more postings, but their bounds take
    /// as much time to add up as that saves, and a tenth and a twentieth of a byte a posting more.
    /// </summary>
    public const int BlockBits = SuperblockBits - 2;

    public const int SuperblockBlocks = 1 << (SuperblockBits - BlockBits);

    /// <summary>Superblocks that share a base in the directory of a celled list.</summary>
    public const int DirectoryBits = 7;

    /// <summary>Superblocks that share a start in a sparse list.</summary>
    public const int SparseBits = 6;

    public const int RangeBits = 16;
    public const int RangeSuperblocks = 1 << (RangeBits - SuperblockBits);

    /// <summary>Bits of a bound.</summary>
    public const int BoundBits = 4;

    /// <summary>Largest value of a bound.</summary>
    public const int BoundsLevels = 15;

    public const int PostingsPadding = 64;

    /// <summary>Bytes of the number of a list's documents, with which all but flat ones begin.</summary>
    public const int FrequencyBytes = 4;

    /// <summary>Bytes before the directory of a celled list.</summary>
    public const int CelledHeader = FrequencyBytes + 4;

    /// <summary>What a sparse list with bitmaps has added to its pairs.</summary>
    public const uint HasBitmaps = 1u << 31;

    public const int TermsHeader = 32;

    /// <summary>Slots for names are no more: when they are damaged, a name is looked for in all of them.</summary>
    public static long MostSlots(int terms) => (4L * terms) + 64;

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

    /// <summary>Bytes of a row of so many bounds, whole words of 16 bits.</summary>
    public static long RowBytes(int bounds) => ((bounds * (long)BoundBits) + 15) / 16 * 2;

    /// <summary>Bytes of a celled term's bounds, those of all blocks of all superblocks.</summary>
    public static long CelledRowBytes(int superblocks) => RowBytes(superblocks * SuperblockBlocks);

    /// <summary>Bytes of a sparser term's bounds before its bits.</summary>
    public const int LevelsHeader = 2;

    /// <summary>Largest of a sparser term's levels, its third.</summary>
    public const int LevelsScale = 255;

    /// <summary>Bytes of a sparser term's bounds.</summary>
    public static long LevelsRowBytes(int superblocks) => LevelsHeader + ((superblocks + 3) / 4);

    public static int DirectoryBases(int superblocks) => (superblocks >> DirectoryBits) + 1;

    /// <summary>Bytes of a celled list between its header and its postings.</summary>
    public static long DirectoryBytes(int superblocks) => ((DirectoryBases(superblocks) * 4L) + ((superblocks + 1) * 2L) + 3) & ~3L;

    public static int SparseStarts(int superblocks) => (superblocks + (1 << SparseBits) - 1) >> SparseBits;

    /// <summary>Bytes before the starts of a sparse list.</summary>
    public static int SparseHeader(int bitmaps) => FrequencyBytes + (bitmaps == 0 ? 4 : 8);

    /// <summary>Words of a sparse list's bits.</summary>
    public static int SparseWords(int superblocks, int pairs) => (int)((superblocks + (long)pairs + 63) / 64);

    /// <summary>Bytes of a sparse list before what tells of its bitmaps.</summary>
    public static long SparseBytes(int superblocks, int pairs, int bitmaps) =>
        (SparseHeader(bitmaps) + (SparseStarts(superblocks) * 4L) + (SparseWords(superblocks, pairs) * 8L) + (pairs * 2L) + 3) & ~3L;

    public static int Ranges(int superblocks) => (superblocks + RangeSuperblocks - 1) / RangeSuperblocks;

    /// <summary>Bytes of a sparse list between its pairs and its bitmaps.</summary>
    public static long BitmapStartsBytes(int superblocks, int bitmaps) => bitmaps == 0 ? 0 : ((Ranges(superblocks) * 4L) + ((bitmaps + 1) * 4L) + bitmaps + 1) & ~1L;
}
