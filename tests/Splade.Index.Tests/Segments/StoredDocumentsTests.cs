using System.Globalization;
using System.Text;
using CsCheck;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

/// <summary>Ids, versions, sequence numbers and sources of every form come back from a segment.</summary>
public sealed class StoredDocumentsTests
{
    private static readonly Gen<string> Decimal = Gen.Long[0, 999_999_999_999_999_999].Select(n => n.ToString(CultureInfo.InvariantCulture));
    private static readonly Gen<string> Padded = Gen.Int[0, 9999].Select(n => n.ToString("D6", CultureInfo.InvariantCulture));
    private static readonly Gen<string> Mixed = Gen.OneOf(Decimal, Padded, Gen.String[Gen.Char["0aß€/-"], 1, 12], Gen.Const("0"), Gen.Const("00"));

    private static readonly Gen<IndexDocument[]> Documents = Gen.OneOf(Decimal, Padded, Mixed, Gen.String[Gen.Char['a', 'f'], 8, 8]).Array[0, 40].SelectMany(ids =>
        Gen.Select(Gen.Long, Gen.Long[0, 1000], Gen.OneOf(Gen.Byte.Array[0, 20], Gen.Int[0, 40_000].Select(n => new byte[n]))).Array[ids.Length]
            .Select(rest => ids.Select((id, i) => new IndexDocument(id, rest[i].Item1, rest[i].Item2, rest[i].Item3, [])).DistinctBy(d => d.Id).ToArray()));

    [Fact]
    public void Every_document_is_found_as_it_was() => Documents.Sample(
        documents =>
        {
            var segment = Segment.OfBytes(SegmentBuilder.Build(documents, -6), "segment");
            segment.DocumentCount.ShouldBe(documents.Length);
            foreach (var document in documents)
            {
                var found = segment.Document(segment.Find(Encoding.UTF8.GetBytes(document.Id)));
                (found.Id, found.Version, found.SeqNo).ShouldBe((document.Id, document.Version, document.SeqNo));
                found.Source.ToArray().ShouldBe(document.Source.ToArray());
            }

            foreach (var absent in (string[])["", "1", "01", "000001", "zz", "99999999999999999999"])
            {
                (segment.Find(Encoding.UTF8.GetBytes(absent)) >= 0).ShouldBe(documents.Any(d => d.Id == absent), absent);
            }

            segment.Release();
        },
        iter: 300);

    [Fact]
    public void Decimal_ids_take_the_bits_of_a_number()
    {
        var bytes = SegmentBuilder.Build([.. Enumerable.Range(0, 4096).Select(i => new IndexDocument(i.ToString("D8", CultureInfo.InvariantCulture), 1, i, default, []))], -6);

        // 12 bits an id, and as many for its sequence number.
        bytes.Length.ShouldBeLessThan(4096 * 24 / 8 + 1000);
    }
}
