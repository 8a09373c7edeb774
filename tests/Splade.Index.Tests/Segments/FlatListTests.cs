using CsCheck;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

public sealed unsafe class FlatListTests
{
    /// <summary>Segments of one range, of as many as a byte can number, and of more.</summary>
    private static readonly Gen<int> Documents = Gen.OneOfConst(1000, 1 << 16, (1 << 16) + 1, 1 << 24, (1 << 24) + 1, int.MaxValue);

    [Fact]
    public void What_is_written_is_read() =>
        (from all in Documents
         from documents in Gen.OneOf(Gen.Int[0, all - 1].Array[1, 40], Gen.Int[0, Math.Min(all, 400_000) - 1].Array[200, 600])
         select (all, documents.Distinct().Order().ToArray())).Sample((all, documents) =>
        {
            byte[] impacts = [.. documents.Select(d => (byte)(1 + (d % 255)))];
            var bytes = Write(all, documents, impacts, out var ranges);
            fixed (byte* start = bytes)
            {
                var list = new FlatList(start, ranges, all, documents.Length);
                var position = 0;
                for (var r = 0; r < list.RangeCount; r++)
                {
                    for (var end = position + list.Count(r); position < end; position++)
                    {
                        (list.FirstDocument(r) | list.Documents[position]).ShouldBe(documents[position]);
                        list.Impacts[position].ShouldBe(impacts[position]);
                    }
                }

                position.ShouldBe(documents.Length);
                bytes.Length.ShouldBe(SegmentFormat.RangesBytes(ranges, all, documents.Length) + (documents.Length * 3));
            }
        });

    [Fact]
    public void Short_lists_describe_a_range_by_two_bytes() => SegmentFormat.RangesBytes(ranges: 4, documents: 200_000, frequency: 48).ShouldBe(8);

    internal static byte[] Write(int all, int[] documents, byte[] impacts, out int ranges)
    {
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, all);
        writer.Begin("list");
        ranges = FlatList.Write(writer, documents, impacts);
        writer.End();
        return output.ToArray()[SegmentFormat.Alignment..];
    }
}
