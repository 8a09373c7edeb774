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
    public void What_is_written_is_read() => Gen.OneOf(Plain, Padded, Gen.String[0, 20]).Array[1, 50].Sample(ids => Check(ids, _ => { }));

    [Fact]
    public void Keys_order_numbers_as_their_texts() => Gen.OneOf(Plain.Array[1, 50], Padded.Array[1, 50]).Sample(ids => Check(ids, read =>
    {
        read.HasKeys.ShouldBeTrue();
        for (var i = 1; i < ids.Length; i++)
        {
            read.Key(i).CompareTo(read.Key(i - 1)).ShouldBe(Math.Sign(string.CompareOrdinal(ids[i], ids[i - 1])), $"{ids[i]} and {ids[i - 1]}");
        }
    }));

    [Theory]
    [InlineData("123456789012345678", "123456789012345679", true)]
    [InlineData("123456789012345678", "1", false)]
    [InlineData("1", "123456789012345678", false)]
    [InlineData("01", "1", false)]
    [InlineData("01", "02", true)]
    [InlineData("1234567890123456789", "2", false)]
    public void Numbers_have_keys_as_long_as_these_fit(string first, string second, bool haveKeys) =>
        Check([first, second], read => read.HasKeys.ShouldBe(haveKeys));

    /// <summary>Writes and reads ids, and what more there is to check.</summary>
    private static void Check(string[] ids, Action<DocumentIds> more)
    {
        using var output = new MemoryStream();
        var writer = new SegmentWriter(output, ids.Length);
        writer.Begin("ids");
        var utf8 = ids.Select(Encoding.UTF8.GetBytes).ToArray();
        var length = 0;
        var haveKeys = DocumentIds.Write(writer, utf8.SelectMany(t => t).ToArray(), utf8.Select(t => length += t.Length).ToArray());
        writer.End();
        var bytes = output.ToArray()[SegmentFormat.Alignment..];
        using var memory = SegmentMemory.OfBytes(bytes);
        var read = new DocumentIds(new Section(memory, "file", "ids", 0, bytes.Length), ids.Length);
        read.HasKeys.ShouldBe(haveKeys);
        for (var i = 0; i < ids.Length; i++)
        {
            read.Of(i, new byte[DocumentIds.BufferBytes]).ToArray().ShouldBe(utf8[i]);
        }

        more(read);
    }
}
