using CsCheck;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

public sealed class PackedNumbersTests
{
    private static readonly Gen<long[]> Numbers = Gen.OneOf(
        Gen.Long.Array[0, 50], Gen.Long[-5, 5].Array[0, 200], Gen.Long[0, (1L << 56) - 1].Array[0, 50], Gen.Long[1L << 40, (1L << 40) + 1000].Array[0, 200]);

    [Fact]
    public void What_is_written_is_read() => Numbers.Sample(numbers => Read(Write(numbers), numbers.Length).ShouldBe(numbers));

    [Fact]
    public void Equal_numbers_take_no_bits() => Write([.. Enumerable.Repeat(7L, 1000)]).Length.ShouldBe((int)PackedNumbers.Bytes(1000, 0));

    [Fact]
    public void Twenty_bits_take_twenty_bits() => Write([.. Enumerable.Range(0, 1 << 20)]).Length.ShouldBe((int)PackedNumbers.Bytes(1 << 20, 20));

    [Fact]
    public void Any_damage_is_a_typed_error_or_other_numbers() => Gen.Select(Numbers, Gen.Int[0, 10_000], Gen.Byte).Sample((numbers, place, value) =>
    {
        var bytes = Write(numbers);
        bytes[place % bytes.Length] = value;
        try
        {
            Read(bytes[..(bytes.Length - (place % 3))], numbers.Length).Length.ShouldBe(numbers.Length);
        }
        catch (SegmentCorruptException exception)
        {
            exception.Section.ShouldBe("numbers");
        }
    });

    private static byte[] Write(long[] numbers)
    {
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, 0);
        writer.Begin("numbers");
        PackedNumbers.Write(writer, numbers);
        writer.End();
        return output.ToArray()[SegmentFormat.Alignment..];
    }

    private static long[] Read(byte[] bytes, int count)
    {
        using var memory = SegmentMemory.OfBytes(bytes);
        long position = 0;
        var numbers = new PackedNumbers(new Section(memory, "file", "numbers", 0, bytes.Length), ref position, count);
        return [.. Enumerable.Range(0, count).Select(i => numbers[i])];
    }
}
