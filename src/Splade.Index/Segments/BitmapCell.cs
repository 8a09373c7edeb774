using System.Numerics;
using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>
/// A cell with many postings: a bit for each document of its superblock, then the impacts of those that have one. It takes less than pairs (document, impact), and is added to sums
/// by vectors. Roaring bitmaps choose between their containers so (Chambi, Lemire, Kaser and Godin 2016).
/// </summary>
internal static unsafe class BitmapCell
{
    /// <summary>Postings from which it is no larger than pairs.</summary>
    public const int MinPostings = 32;

    /// <summary>Words of 64 bits.</summary>
    public const int Words = SegmentFormat.SuperblockSize / 64;

    /// <summary>Bytes before the impacts.</summary>
    public const int BitmapBytes = Words * sizeof(ulong);

    /// <summary>What cells take counts in pairs of bytes. So many are the least that a bitmap takes, and more than fewer postings take as pairs (document, impact): the size tells the form.</summary>
    public const int MinPairs = (BitmapBytes + MinPostings) / 2;

    /// <summary>The largest cell.</summary>
    public const int MaxPairs = (BitmapBytes + SegmentFormat.SuperblockSize) / 2;

    /// <summary>Pairs of bytes that the cell of so many postings takes.</summary>
    public static int Pairs(int postings) => postings < MinPostings ? postings : (BitmapBytes + postings + 1) / 2;

    /// <summary>Whether the size of a cell is that of a bitmap's.</summary>
    public static bool Is(int pairs) => pairs >= MinPairs;

    public static byte* Impacts(ushort* cell) => (byte*)cell + BitmapBytes;

    /// <returns>How many postings a bitmap cell has; negative when its bits don't fit its size, and are damaged.</returns>
    public static int Count(ushort* cell, int pairs)
    {
        var words = (ulong*)cell;
        var count = BitOperations.PopCount(words[0]) + BitOperations.PopCount(words[1]) + BitOperations.PopCount(words[2]) + BitOperations.PopCount(words[3]);
        return (BitmapBytes + count + 1) / 2 == pairs ? count : -1;
    }

    /// <summary>Impact of a document; 0 when it is not there.</summary>
    /// <param name="cell">A bitmap cell.</param>
    /// <param name="pairs">Its size.</param>
    /// <param name="document">The document in its superblock.</param>
    public static uint Find(ushort* cell, int pairs, byte document)
    {
        // Without branches: where a document lies, and whether it is there, can't be predicted.
        var words = (ulong*)cell;
        var word = document >> 6;
        var before = BitOperations.PopCount(words[word] & ((1ul << document) - 1)) + CountBefore(words, 0, word) + CountBefore(words, 1, word) + CountBefore(words, 2, word);

        // Damaged bits may be more than impacts.
        var impact = Impacts(cell)[Math.Min(before, (2 * pairs) - BitmapBytes - 1)];
        return impact * (uint)((words[word] >> document) & 1);
    }

    /// <summary>Ones of a word if it lies before another one, else 0.</summary>
    private static int CountBefore(ulong* words, int word, int other) => BitOperations.PopCount(words[word] & (ulong)((long)(word - other) >> 63));

    /// <summary>All postings.</summary>
    /// <param name="cell">A bitmap cell that <see cref="Count"/> is known of.</param>
    /// <param name="first">The superblock's first document.</param>
    /// <param name="documents">Takes documents, ascending.</param>
    /// <param name="impacts">Takes their impacts.</param>
    public static void Read(ushort* cell, int first, Span<int> documents, Span<byte> impacts)
    {
        var next = 0;
        for (var word = 0; word < Words; word++)
        {
            for (var bits = ((ulong*)cell)[word]; bits != 0; bits &= bits - 1, next++)
            {
                documents[next] = first | (word << 6) | BitOperations.TrailingZeroCount(bits);
                impacts[next] = Impacts(cell)[next];
            }
        }
    }

    /// <summary>Writes the cell of a superblock's postings.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="documents">Ascending, at least <see cref="MinPostings"/>.</param>
    /// <param name="impacts">As many.</param>
    public static void Write(SegmentWriter writer, ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts)
    {
        Span<ulong> words = stackalloc ulong[Words];
        words.Clear();
        foreach (var document in documents)
        {
            words[(byte)document >> 6] |= 1ul << document;
        }

        writer.Write(MemoryMarshal.AsBytes(words));
        writer.Write(impacts);
        writer.Align(2);
    }
}
