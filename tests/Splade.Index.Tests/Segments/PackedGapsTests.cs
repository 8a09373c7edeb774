using CsCheck;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

[Collection(SimdLevels.Name)]
public sealed unsafe class PackedGapsTests
{
    /// <summary>What can be read behind the end.</summary>
    private const int Padding = SegmentFormat.PostingsPadding;

    /// <summary>Segments whose documents need 1 to 4 bytes.</summary>
    private static readonly Gen<int> Documents = Gen.OneOfConst(1, 256, 257, 1 << 16, (1 << 16) + 1, 1 << 24, (1 << 24) + 1, int.MaxValue);

    /// <summary>Lists of far and near documents, in runs of either.</summary>
    private static readonly Gen<(int All, int[] List)> Lists =
        from all in Documents
        from far in Gen.Int[0, all - 1].Array[0, 40]
        from near in Gen.Int[0, Math.Min(all, 3000) - 1].Array[1, 200]
        from shift in Gen.Int[0, all - Math.Min(all, 3000)]
        select (all, far.Concat(near.Select(n => shift + n)).Distinct().Order().ToArray());

    [Fact]
    public void What_is_written_is_read() => Lists.Sample((all, list) => SimdLevels.ForEach(() =>
    {
        var bytes = Write(all, list);
        Read(bytes, all, list.Length, out var end).ShouldBe(list);
        end.ShouldBe(bytes.Length);
    }), threads: 1);

    [Fact]
    public void Gaps_of_any_number_of_bits_are_read() => SimdLevels.ForEach(() =>
    {
        for (var bits = 0; bits <= 30; bits++)
        {
            int[] list = [0, 1 << bits, (1 << bits) + 1, (1 << bits) + 9, 1 + (1 << bits) + 9];
            Read(Write(int.MaxValue, list), int.MaxValue, list.Length, out _).ShouldBe(list);
        }
    });

    [Fact]
    public void Neighbours_take_no_bits() => Write(200_000, [.. Enumerable.Range(1000, 17)]).Length.ShouldBe(3 + 1 + 1);

    [Fact]
    public void A_chunk_of_near_documents_is_narrow_beside_one_of_far_ones() =>
        Write(200_000, [0, .. Enumerable.Range(1, 8).Select(i => i * 16), .. Enumerable.Range(1, 8).Select(i => 100 + (i * 4096))]).Length.ShouldBe(3 + 1 + 1 + 4 + 12);

    [Fact]
    public void One_document_takes_as_many_bytes_as_any()
    {
        int[] all = [256, 257, 1 << 16, (1 << 16) + 1, 1 << 24, (1 << 24) + 1];
        all.Select(n => Write(n, [5]).Length).ShouldBe([1, 2, 2, 3, 3, 4]);
    }

    /// <summary>Whatever the bytes are, documents are ascending and in the segment, or there are none.</summary>
    [Fact]
    public void Damaged_bytes_are_told_or_read_as_other_documents() =>
        Gen.Select(Documents, Gen.Int[1, 60], Gen.Byte.Array[Padding, 400]).Sample((all, count, bytes) => SimdLevels.ForEach(() =>
        {
            var read = Read(bytes[..^Padding], all, count, out var end);
            if (end >= 0)
            {
                end.ShouldBeLessThanOrEqualTo(bytes.Length - Padding);
                read.ShouldAllBe(d => d >= 0 && d < all);
                read.ShouldBe(read.Order().Distinct());
            }
        }), threads: 1);

    /// <summary>In 32 bits, this one and the gaps behind it add up to documents of the segment.</summary>
    [Fact]
    public void A_first_document_outside_is_damage_whatever_follows() => SimdLevels.ForEach(() =>
    {
        byte[] bytes = [.. BitConverter.GetBytes(0xF800_0000), 25, .. Enumerable.Repeat((byte)0xFF, 25)];
        Read(bytes, int.MaxValue, 9, out var end);
        end.ShouldBe(-1);
        Read(bytes, int.MaxValue, 1, out end);
        end.ShouldBe(-1);
    });

    private static byte[] Write(int all, int[] list)
    {
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, all);
        writer.Begin("list");
        PackedGaps.Write(writer, list);
        writer.End();
        return output.ToArray()[SegmentFormat.Alignment..];
    }

    /// <param name="end">Bytes read; -1 when they are damaged.</param>
    private static int[] Read(byte[] bytes, int all, int count, out long end)
    {
        var documents = new int[PackedGaps.Room(count) + 1];
        documents[^1] = -7;
        fixed (byte* start = bytes.Concat(new byte[Padding]).ToArray())
        fixed (int* first = documents)
        {
            var after = PackedGaps.Read(start, start + bytes.Length, all, count, first);
            end = after == null ? -1 : after - start;
        }

        documents[^1].ShouldBe(-7);
        return documents[..count];
    }
}
