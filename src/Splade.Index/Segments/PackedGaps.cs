using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Search;

namespace Splade.Index.Segments;

/// <summary>
/// Ascending documents as the gaps between them, eight gaps of equally many bits side by side (binary packing: Lemire and Boytsov, Decoding billions of
/// integers per second through vectorization, 2015), laid out as <see cref="SegmentFormat"/> says. Similar documents are neighbours, so gaps come in runs of small ones.
/// </summary>
internal static unsafe class PackedGaps
{
    /// <summary>Gaps of equally many bits.</summary>
    private const int ChunkSize = 8;

    private const int MaxBits = 32;

    /// <summary>By how many bits a chunk's gaps can be narrower than the widest.</summary>
    private const int MostNarrower = 15;

    /// <summary>More bits than four bytes hold from any bit of the first one on. With so many, a document and eight gaps do not overflow 32 bits.</summary>
    private const int MaxVectorBits = 25;

    /// <summary>For gaps of so many bits, which bytes of its half each gap needs, and from which bit on.</summary>
    private static readonly Vector256<byte>[] Shuffles = [.. Enumerable.Range(0, MaxVectorBits + 1).Select(ShuffleOf)];
    private static readonly Vector256<uint>[] Shifts = [.. Enumerable.Range(0, MaxVectorBits + 1).Select(ShiftOf)];

    /// <summary>Room that <see cref="Read"/> needs for so many documents.</summary>
    public static int Room(int count) => count + ChunkSize;

    /// <param name="writer">Where they go.</param>
    /// <param name="documents">Ascending, at least one.</param>
    public static void Write(SegmentWriter writer, ReadOnlySpan<int> documents)
    {
        for (var i = 0; i < DocumentBytes(writer.Documents); i++)
        {
            writer.WriteByte((byte)(documents[0] >> (8 * i)));
        }

        var chunks = Chunks(documents.Length);
        if (chunks == 0)
        {
            return;
        }

        var bits = new byte[chunks];
        for (var i = 1; i < documents.Length; i++)
        {
            ref var most = ref bits[(i - 1) / ChunkSize];
            most = Math.Max(most, (byte)(MaxBits - BitOperations.LeadingZeroCount(Gap(documents, i))));
        }

        var widest = bits.Max();
        writer.WriteByte(widest);
        for (var c = 0; c < chunks; c++)
        {
            bits[c] = Math.Max(bits[c], (byte)Math.Max(0, widest - MostNarrower));
        }

        for (var c = 0; c < chunks && chunks > 1; c += 2)
        {
            writer.WriteByte((byte)((widest - bits[c]) | (c + 1 < chunks ? (widest - bits[c + 1]) << 4 : 0)));
        }

        for (var c = 0; c < chunks; c++)
        {
            WriteChunk(writer, documents, 1 + (c * ChunkSize), bits[c]);
        }
    }

    /// <summary>Reads documents.</summary>
    /// <param name="start">Where they lie.</param>
    /// <param name="end">Behind which nothing of them lies; 64 bytes more can be read.</param>
    /// <param name="all">Documents of the segment.</param>
    /// <param name="count">How many they are, at least one.</param>
    /// <param name="documents">Takes them, with <see cref="Room"/>. They are ascending and in the segment.</param>
    /// <returns>Where they end; null when they are damaged.</returns>
    public static byte* Read(byte* start, byte* end, int all, int count, int* documents)
    {
        var documentBytes = DocumentBytes(all);
        var document = Unsafe.ReadUnaligned<uint>(start) & (uint.MaxValue >> (32 - (8 * documentBytes)));
        start += documentBytes;
        if (document >= (uint)all || start > end)
        {
            return null;
        }

        *documents++ = (int)document;
        if (--count == 0)
        {
            return start;
        }

        var widest = (int)*start++;
        var narrower = start;
        start += NarrowerBytes(count);
        var isOne = count <= ChunkSize;
        if (start > end || widest > MaxBits)
        {
            return null;
        }

        var vectors = Simd.Level != SimdLevel.Scalar && Avx2.IsSupported;
        var before = Vector256.Create(document);
        for (var chunk = 0; count > 0; chunk++, count -= ChunkSize, documents += ChunkSize)
        {
            var inChunk = Math.Min(count, ChunkSize);
            var bits = isOne ? widest : widest - ((narrower[chunk >> 1] >> ((chunk & 1) * 4)) & MostNarrower);
            if (bits < 0)
            {
                return null;
            }

            if (vectors && bits <= MaxVectorBits)
            {
                // What is behind the last gap is read as gaps, too.
                before = ReadVector(start, bits, before);
                before.AsInt32().Store(documents);
                document = inChunk == ChunkSize ? before[ChunkSize - 1] : (uint)documents[inChunk - 1];
                before = Avx2.PermuteVar8x32(before, Vector256.Create(ChunkSize - 1u));
            }
            else
            {
                document = ReadChunk(start, bits, inChunk, document, documents);
                before = Vector256.Create(document);
            }

            start += Bytes(inChunk, bits);
            if (document >= (uint)all || start > end)
            {
                return null;
            }
        }

        return start;
    }

    /// <summary>The same by vectors: each half of the gaps lies in 16 bytes, from which each gap's four bytes are taken.</summary>
    /// <param name="start">Where they lie.</param>
    /// <param name="bits">Of each.</param>
    /// <param name="before">The document before the first, in every place.</param>
    /// <returns>Eight documents.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ReadVector(byte* start, int bits, Vector256<uint> before)
    {
        var halves = Vector256.Create(Vector128.Load(start), Vector128.Load(start + (bits >> 1)));
        var gaps = Avx2.ShiftRightLogicalVariable(Avx2.Shuffle(halves, Shuffles[bits]).AsUInt32(), Shifts[bits]) & Vector256.Create((1u << bits) - 1);
        var sums = gaps + Vector256<uint>.One;
        sums += Avx2.ShiftLeftLogical128BitLane(sums, 4);
        sums += Avx2.ShiftLeftLogical128BitLane(sums, 8);
        sums += Avx2.PermuteVar8x32(sums, Vector256.Create(3u)) & Vector256.Create(Vector128<uint>.Zero, Vector128<uint>.AllBitsSet);
        return sums + before;
    }

    /// <summary>The last document, or <see cref="uint.MaxValue"/> when documents are more than that.</summary>
    private static uint ReadChunk(byte* start, int bits, int count, uint before, int* documents)
    {
        var mask = (1ul << bits) - 1;
        ulong document = before;
        for (var i = 0; i < count; i++)
        {
            var bit = i * bits;
            document += ((Unsafe.ReadUnaligned<ulong>(start + (bit >> 3)) >> (bit & 7)) & mask) + 1;
            documents[i] = (int)document;
        }

        return (uint)Math.Min(document, uint.MaxValue);
    }

    private static void WriteChunk(SegmentWriter writer, ReadOnlySpan<int> documents, int first, int bits)
    {
        var word = 0ul;
        var filled = 0;
        for (var i = first; i < Math.Min(first + ChunkSize, documents.Length); i++)
        {
            word |= (ulong)Gap(documents, i) << filled;
            for (filled += bits; filled >= 8; filled -= 8)
            {
                writer.WriteByte((byte)word);
                word >>= 8;
            }
        }

        if (filled > 0)
        {
            writer.WriteByte((byte)word);
        }
    }

    private static uint Gap(ReadOnlySpan<int> documents, int i) => (uint)(documents[i] - documents[i - 1] - 1);

    /// <summary>Bytes that any document fits into.</summary>
    private static int DocumentBytes(int all) => all <= 1 << 8 ? 1 : all <= 1 << 16 ? 2 : all <= 1 << 24 ? 3 : 4;

    private static int Chunks(int count) => (count + ChunkSize - 2) / ChunkSize;

    /// <summary>Bytes that say how much narrower chunks are than the widest; a single one is the widest.</summary>
    private static int NarrowerBytes(int gaps) => gaps <= ChunkSize ? 0 : (Chunks(gaps + 1) + 1) / 2;

    private static int Bytes(int gaps, int bits) => ((gaps * bits) + 7) / 8;

    private static Vector256<byte> ShuffleOf(int bits)
    {
        Span<byte> bytes = stackalloc byte[32];
        for (var i = 0; i < bytes.Length; i++)
        {
            var gap = i / 4;
            var half = gap < 4 ? 0 : bits / 2;
            bytes[i] = (byte)((gap * bits / 8) - half + (i % 4));
        }

        return Vector256.Create<byte>(bytes);
    }

    private static Vector256<uint> ShiftOf(int bits)
    {
        Span<uint> shifts = stackalloc uint[ChunkSize];
        for (var gap = 0; gap < ChunkSize; gap++)
        {
            shifts[gap] = (uint)(gap * bits % 8);
        }

        return Vector256.Create<uint>(shifts);
    }
}
