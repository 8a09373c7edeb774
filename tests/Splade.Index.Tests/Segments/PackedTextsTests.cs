using System.Text;
using CsCheck;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

public sealed class PackedTextsTests
{
    private static readonly Gen<string[]> Texts = Gen.OneOf(Gen.String[0, 20], Gen.String[6, 6], Gen.Const("")).Array[0, 100];

    [Fact]
    public void What_is_written_is_read() => Texts.Sample(texts =>
    {
        var utf8 = texts.Select(Encoding.UTF8.GetBytes).ToArray();
        Read(Write(utf8), texts.Length).ShouldBe(utf8);
    });

    [Fact]
    public void Texts_of_one_length_take_no_bits_for_their_places() =>
        Write([.. Enumerable.Repeat("123456"u8.ToArray(), 1000)]).Length.ShouldBe(8 + (int)PackedNumbers.Bytes(1001, 0) + 6000);

    [Fact]
    public void Any_damage_is_a_typed_error_or_other_texts() => Gen.Select(Texts, Gen.Int[0, 10_000], Gen.Byte).Sample((texts, place, value) =>
    {
        var bytes = Write([.. texts.Select(Encoding.UTF8.GetBytes)]);
        bytes[place % bytes.Length] = value;
        try
        {
            Read(bytes[..(bytes.Length - (place % 3))], texts.Length).Length.ShouldBe(texts.Length);
        }
        catch (SegmentCorruptException exception)
        {
            exception.Section.ShouldBe("texts");
        }
    });

    private static byte[] Write(byte[][] texts)
    {
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, 0);
        writer.Begin("texts");
        var length = 0;
        PackedTexts.Write(writer, texts.SelectMany(t => t).ToArray(), texts.Select(t => length += t.Length).ToArray());
        writer.End();
        return output.ToArray()[SegmentFormat.Alignment..];
    }

    private static byte[][] Read(byte[] bytes, int count)
    {
        using var memory = SegmentMemory.OfBytes(bytes);
        long position = 0;
        var texts = new PackedTexts(new Section(memory, "file", "texts", 0, bytes.Length), ref position, count);
        return [.. Enumerable.Range(0, count).Select(i => texts[i].ToArray())];
    }
}
