using System.Text;
using CsCheck;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

public sealed class DocumentIdsTests
{
    private static readonly Gen<string> Plain = Gen.OneOf(
        Gen.Long[0, 30].Select(n => $"{n}"), Gen.Long[0, 99_999_999_999_999_999].Select(n => $"{n}"), Gen.Select(Gen.Long[1, 99], Gen.Int[0, 15]).Select((n, zeros) => n + new string('0', zeros)));

    private static readonly Gen<string> Padded = Gen.Long[0, 999_999_999_999_999_999].Select(n => $"{n:d18}");

    [Fact]
    public void What_is_written_is_read() => Gen.OneOf(Plain, Padded, Gen.String[0, 20]).Array[1, 50].Sample(Check);

    [Theory]
    [InlineData("123456789012345678", "123456789012345679")]
    [InlineData("123456789012345678", "1")]
    [InlineData("1", "123456789012345678")]
    [InlineData("01", "1")]
    [InlineData("01", "02")]
    [InlineData("1234567890123456789", "2")]
    public void Numbers_of_any_form_are_read(string first, string second) => Check([first, second]);

    private static void Check(string[] ids)
    {
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, ids.Length);
        writer.Begin("ids");
        var utf8 = ids.Select(Encoding.UTF8.GetBytes).ToArray();
        var length = 0;
        DocumentIds.Write(writer, utf8.SelectMany(t => t).ToArray(), utf8.Select(t => length += t.Length).ToArray());
        writer.End();
        var bytes = output.ToArray()[SegmentFormat.Alignment..];
        using var memory = SegmentMemory.OfBytes(bytes);
        var read = new DocumentIds(new Section(memory, "file", "ids", 0, bytes.Length), ids.Length);
        for (var i = 0; i < ids.Length; i++)
        {
            read.Of(i, new byte[DocumentIds.BufferBytes]).ToArray().ShouldBe(utf8[i]);
        }
    }
}
