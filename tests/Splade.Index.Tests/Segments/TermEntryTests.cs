using System.Runtime.CompilerServices;
using CsCheck;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

public sealed class TermEntryTests
{
    [Fact]
    public void What_is_written_is_read() =>
        Gen.Select(Gen.Long[0, (1L << 40) - 1], Gen.Int[1, int.MaxValue], Gen.Enum<ListKind>(), Gen.Int[0, TermEntry.MaxRows - 1]).Sample((offset, frequency, kind, row) =>
        {
            var entry = new TermEntry(offset, frequency, kind, row, Weights([7]));
            (entry.Offset, entry.Frequency, entry.Kind, entry.Row).ShouldBe((offset, frequency, kind, row));
        });

    [Fact]
    public void Known_weights_are_those_of_so_many_documents_but_for_a_31st() =>
        Gen.Select(Gen.Byte[1, 255].Array[1, 1500], Gen.Int[-20, 20]).Sample((impacts, exponent) =>
        {
            var weights = Weights(impacts, exponent);
            var entry = new TermEntry(0, impacts.Length, ListKind.Celled, 0, weights);
            entry.Largest.ShouldBe(weights.Of(1));
            foreach (var k in (int[])[1, 10, 100, 1000])
            {
                entry.AtLeast(k).ShouldBeInRange(Math.Max(0, weights.Of(k) - (weights.Of(1) / 31)), weights.Of(k));
            }

            entry.AtLeast(2).ShouldBe(entry.AtLeast(10));
            entry.AtLeast(1001).ShouldBe(0);
        });

    [Fact]
    public void A_postings_section_too_large_for_entries_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new TermEntry(1L << 40, 1, ListKind.Flat, 1, Weights([1])));

    [Fact]
    public void Four_of_them_lie_in_a_cache_line() => Unsafe.SizeOf<TermEntry>().ShouldBe(TermEntry.Bytes);

    private static LargestWeights Weights(byte[] impacts, int exponent = 0)
    {
        var weights = new LargestWeights();
        weights.Measure([.. Enumerable.Range(0, impacts.Length)], impacts, exponent, null);
        return weights;
    }
}
