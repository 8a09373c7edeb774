using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

[Collection(SimdLevels.Name)]
public sealed unsafe class BitmapCellTests
{
    private const int First = 5 << SegmentFormat.SuperblockBits;

    /// <summary>Documents of one superblock, from as few as a bitmap has to all.</summary>
    private static readonly Gen<int[]> Documents =
        from count in Gen.Int[BitmapCell.MinPostings, SegmentFormat.SuperblockSize]
        from shuffled in Gen.Shuffle(Enumerable.Range(First, SegmentFormat.SuperblockSize).ToArray())
        select shuffled.Take(count).Order().ToArray();

    [Fact]
    public void Its_postings_are_read_found_and_counted() => Documents.Sample(
        documents => With(documents, (cell, pairs) =>
        {
            BitmapCell.Count(cell, pairs).ShouldBe(documents.Length);
            var (read, impacts) = (new int[documents.Length], new byte[documents.Length]);
            BitmapCell.Read(cell, First, read, impacts);
            read.ShouldBe(documents);
            impacts.ShouldBe(documents.Select(Impact));
            for (var document = 0; document < SegmentFormat.SuperblockSize; document++)
            {
                CellLookup.Find(cell, pairs, (byte)document).ShouldBe(Array.BinarySearch(documents, First + document) >= 0 ? Impact(First + document) : 0u);
            }
        }),
        iter: 300);

    [Fact]
    public void A_cell_takes_no_more_than_pairs_and_its_size_tells_its_form()
    {
        for (var count = 0; count <= SegmentFormat.SuperblockSize; count++)
        {
            BitmapCell.Pairs(count).ShouldBeLessThanOrEqualTo(count);
            BitmapCell.Is(BitmapCell.Pairs(count)).ShouldBe(count >= BitmapCell.MinPostings);
            BitmapCell.Pairs(count).ShouldBeLessThanOrEqualTo(BitmapCell.MaxPairs);
        }
    }

    [Fact]
    public void Every_document_of_it_is_added_to() => SimdLevels.ForEach(() => Gen.Select(Documents, Gen.UInt[1, ushort.MaxValue]).Sample(
        (documents, weight) => With(documents, (cell, pairs) =>
        {
            var (sums, touched) = (new uint[2 * SegmentFormat.SuperblockSize], new uint[2 * SegmentFormat.SuperblockSize]);
            var places = new ushort[TouchedSums.Room];
            var expected = new uint[sums.Length];
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] = expected[i] = (uint)(i * 3);
            }

            foreach (var document in documents)
            {
                expected[SegmentFormat.SuperblockSize + (byte)document] += weight * Impact(document);
            }

            fixed (uint* plain = sums)
            fixed (uint* remembered = touched)
            fixed (ushort* room = places)
            {
                new PlainSums(plain).AddBitmap(SegmentFormat.SuperblockSize, cell, pairs, weight).ShouldBe(documents.Length);
                sums.ShouldBe(expected);
                var others = new TouchedSums(remembered, room);
                others.AddBitmap(SegmentFormat.SuperblockSize, cell, pairs, weight).ShouldBe(documents.Length);
                others.Touched.ToArray().ShouldBe(documents.Select(d => (ushort)(SegmentFormat.SuperblockSize + (byte)d)));
                touched.ShouldBe(expected.Select((sum, i) => sum - (uint)(i * 3)));
            }
        }),
        iter: 300,
        threads: 1));

    [Fact]
    public void Bits_that_do_not_fit_the_size_are_damage() => SimdLevels.ForEach(() => With([.. Enumerable.Range(First, 40)], (cell, pairs) =>
    {
        var sums = new uint[SegmentFormat.SuperblockSize];
        fixed (uint* plain = sums)
        {
            ((ulong*)cell)[3] = ulong.MaxValue;
            BitmapCell.Count(cell, pairs).ShouldBe(-1);
            new PlainSums(plain).AddBitmap(0, cell, pairs, 1).ShouldBe(-1);
            new TouchedSums(plain, null).AddBitmap(0, cell, pairs, 1).ShouldBe(-1);
            sums.ShouldAllBe(s => s == 0);
            BitmapCell.Find(cell, pairs, 255).ShouldBe(BitmapCell.Impacts(cell)[39], "not what lies behind the cell");
            ((ulong*)cell)[0] = ((ulong*)cell)[3] = 0;
            BitmapCell.Count(cell, pairs).ShouldBe(-1);
        }
    }));

    private static byte Impact(int document) => (byte)(255 - (document % 250));

    private delegate void Check(ushort* cell, int pairs);

    private static void With(int[] documents, Check check)
    {
        var bytes = new byte[(2 * BitmapCell.MaxPairs) + SegmentFormat.PostingsPadding];
        var words = new ulong[BitmapCell.Words];
        foreach (var document in documents)
        {
            words[(byte)document >> 6] |= 1ul << document;
        }

        Buffer.BlockCopy(words, 0, bytes, 0, BitmapCell.BitmapBytes);
        documents.Select(Impact).ToArray().CopyTo(bytes, BitmapCell.BitmapBytes);
        fixed (byte* cell = bytes)
        {
            check((ushort*)cell, BitmapCell.Pairs(documents.Length));
        }
    }
}
