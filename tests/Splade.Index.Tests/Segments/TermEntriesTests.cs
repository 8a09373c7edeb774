using CsCheck;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

public sealed class TermEntriesTests
{
    private static readonly Gen<TermEntry> Any =
        from bits in Gen.Int[0, 54]
        from offset in Gen.Long[0, (1L << bits) - 1]
        from kind in Gen.Enum<ListKind>()
        from row in Gen.Int[0, int.MaxValue]
        from frequency in Gen.Int[1, int.MaxValue]
        from key in Gen.UShort
        from shares in Gen.UShort[0, (1 << WeightBounds.SharesBits) - 1]
        select new TermEntry(offset, kind, kind == ListKind.Flat ? 0 : row, frequency, new WeightBounds(key, shares));

    [Fact]
    public void What_is_written_is_read() => Any.Array[0, 40].Sample(entries =>
    {
        var bytes = Write(entries);
        using var memory = SegmentMemory.OfBytes(bytes);
        var position = 0L;
        var read = new TermEntries(new Section(memory, "file", "terms", 0, bytes.Length), ref position, entries.Length);
        position.ShouldBe(bytes.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            read.Place(i).ShouldBe((entries[i].Offset, entries[i].Kind));
            read.Weights(i, out var number).ShouldBe(entries[i].Weights);
            number.ShouldBe((uint)(entries[i].Kind == ListKind.Flat ? entries[i].Frequency - 1 : entries[i].Row));
        }
    });

    [Fact]
    public void An_entry_takes_the_bits_that_the_largest_numbers_need()
    {
        var entry = new TermEntry((1 << 27) - 1, ListKind.Flat, 0, 1 << 9, new WeightBounds(1000, 0));
        var bytes = Write([entry, entry with { Weights = new WeightBounds(1255, 0) }]);
        using var memory = SegmentMemory.OfBytes(bytes);
        var position = 0L;
        new TermEntries(new Section(memory, "file", "terms", 0, bytes.Length), ref position, 2).Bits.ShouldBe(2 + 27 + 9 + 8 + 15);
    }

    [Theory]
    [InlineData(55, 1, 1)]
    [InlineData(1, 33, 1)]
    [InlineData(1, 1, 17)]
    public void Impossible_bits_are_damage(byte offset, byte number, byte key)
    {
        byte[] bytes = [offset, number, key, .. new byte[61]];
        using var memory = SegmentMemory.OfBytes(bytes);
        var section = new Section(memory, "file", "terms", 0, bytes.Length);
        Should.Throw<SegmentCorruptException>(() =>
        {
            var position = 0L;
            _ = new TermEntries(section, ref position, 1);
        });
    }

    [Fact]
    public void Known_weights_are_those_of_so_many_documents_but_for_a_31st() =>
        Gen.Select(Gen.Byte[1, 255].Array[1, 1500], Gen.Int[-20, 20]).Sample((impacts, exponent) =>
        {
            var weights = new LargestWeights();
            weights.Measure([.. Enumerable.Range(0, impacts.Length)], impacts, exponent, null);
            var bounds = WeightBounds.Of(weights);
            bounds.Largest.ShouldBe(weights.Of(1));
            foreach (var k in (int[])[1, 10, 100, 1000])
            {
                bounds.AtLeast(k).ShouldBeInRange(Math.Max(0, weights.Of(k) - (weights.Of(1) / 31)), weights.Of(k));
            }

            bounds.AtLeast(2).ShouldBe(bounds.AtLeast(10));
            bounds.AtLeast(1001).ShouldBe(0);
        });

    private static byte[] Write(TermEntry[] entries)
    {
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, 1);
        writer.Begin("terms");
        TermEntries.Write(writer, entries);
        writer.End();
        return output.ToArray()[SegmentFormat.Alignment..];
    }
}
