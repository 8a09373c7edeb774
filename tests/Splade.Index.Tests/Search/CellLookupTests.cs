using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Search;

public sealed unsafe class CellLookupTests
{
    /// <summary>Documents of a cell: spread over all of the superblock, or crowded in a part of it.</summary>
    private static readonly Gen<(byte Document, byte Impact)[]> Cell =
        from low in Gen.Int[0, 255]
        from high in Gen.Int[low, 255]
        from documents in Gen.Int[low, high].Array[0, 256]
        from crowd in Gen.Frequency((1, Gen.Const(true)), (3, Gen.Const(false)))
        from impacts in Gen.Byte[1, 255].Array[256]
        select (crowd ? documents.Concat(Enumerable.Range(low, high - low + 1)) : documents)
            .Distinct().Order().Take(BitmapCell.MinPostings - 1).Select((document, i) => ((byte)document, impacts[i])).ToArray();

    [Fact]
    public void Every_document_has_the_impact_of_its_pair_and_others_have_none() => Cell.Sample(
        cell =>
        {
            // Pairs of another cell follow.
            var pairs = cell.Select(pair => (ushort)(pair.Document | (pair.Impact << 8))).Concat(Enumerable.Range(0, 32).Select(d => (ushort)(d * 8 | 0x7700))).ToArray();
            var expected = cell.ToDictionary(pair => pair.Document, pair => (uint)pair.Impact);
            fixed (ushort* first = pairs)
            {
                for (var document = 0; document < 256; document++)
                {
                    CellLookup.Find(first, cell.Length, (byte)document).ShouldBe(expected.GetValueOrDefault((byte)document));
                }
            }
        },
        iter: 500);
}
