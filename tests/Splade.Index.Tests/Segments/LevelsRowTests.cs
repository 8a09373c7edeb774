using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Segments;

[Collection(SimdLevels.Name)]
public sealed unsafe class LevelsRowTests
{
    private static readonly Gen<(int Document, byte Impact)[]> Lists = Gen.Select(Gen.Int[0, 5000], Gen.Byte[1, 255]).Array[1, 300]
        .Select(l => l.DistinctBy(p => p.Item1).OrderBy(p => p.Item1).Select(p => (p.Item1, p.Item2)).ToArray());

    [Fact]
    public void A_superblocks_level_is_no_less_than_any_of_its_weights_and_none_without_one() => Lists.Sample(list =>
    {
        var superblocks = SegmentFormat.Superblocks(5001);
        var row = Row(list, superblocks);
        var largest = list.Max(p => p.Impact);
        int[] levels = [0, row[0], row[1], SegmentFormat.LevelsScale];
        for (var s = 0; s < superblocks; s++)
        {
            var most = list.Where(p => p.Document >> SegmentFormat.SuperblockBits == s).Select(p => (int)p.Impact).DefaultIfEmpty(0).Max();
            var level = levels[(row[SegmentFormat.LevelsHeader + (s / 4)] >> (s % 4 * 2)) & 3];
            (level * largest).ShouldBeGreaterThanOrEqualTo(most * SegmentFormat.LevelsScale);
            (level > 0).ShouldBe(most > 0);
            fixed (byte* bits = row)
            {
                new QueryTerm { Row = bits, HasLevels = true }.MayHave(s).ShouldBe(most > 0);
            }
        }
    });

    [Fact]
    public void Rows_of_four_bits_say_too_where_there_is_nothing() => Gen.Byte[0, 15].Array[1, 40].Sample(bounds =>
    {
        var row = new byte[20];
        for (var s = 0; s < bounds.Length; s++)
        {
            row[s / 2] |= (byte)(bounds[s] << (s % 2 * 4));
        }

        fixed (byte* bits = row)
        {
            for (var s = 0; s < bounds.Length; s++)
            {
                new QueryTerm { Row = bits }.MayHave(s).ShouldBe(bounds[s] > 0);
            }
        }
    });

    [Fact]
    public void Vectors_and_scalars_sum_alike() => Gen.Select(Lists, Lists, Gen.UShort[0, 20_000], Gen.UShort[0, 20_000]).Sample((a, b, first, second) =>
    {
        var superblocks = SegmentFormat.Superblocks(5001);
        var stride = (((int)SegmentFormat.RowBytes(superblocks) / 2) + 15) & ~15;
        var rows = new[] { a, b }.Select(l => (byte[])[.. Row(l, superblocks)[SegmentFormat.LevelsHeader..], .. new byte[64]]).ToArray();
        var levels = stackalloc LevelValues[] { new((ushort)(first / 3), (ushort)(first / 2), first), new((ushort)(second / 4), (ushort)(second / 2), second) };
        ushort[] vector = new ushort[stride * 4], scalar = new ushort[stride * 4];
        var before = Simd.Level;
        try
        {
            fixed (byte* x = rows[0], y = rows[1])
            fixed (ushort* v = vector, s = scalar)
            {
                var pointers = stackalloc byte*[] { x, y };
                Simd.Level = SimdLevel.Vector256;
                LevelSums.Add(pointers, levels, 2, stride, v);
                Simd.Level = SimdLevel.Scalar;
                LevelSums.Add(pointers, levels, 2, stride, s);
            }
        }
        finally
        {
            Simd.Level = before;
        }

        vector.ShouldBe(scalar);
    });

    private static byte[] Row((int Document, byte Impact)[] list, int superblocks) => LevelsRow.Of(
        list.Select(p => p.Document).ToArray(), list.Select(p => p.Impact).ToArray(), list.Length, 0, null, superblocks, list.Max(p => p.Impact));
}
