using CsCheck;
using Splade.Index.Search;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Search;

[Collection(SimdLevels.Name)]
public sealed unsafe class SuperblockRowTests
{
    private const int Group = 256;

    /// <summary>Postings in each superblock: few as a rule, sometimes more than the row holds in one group.</summary>
    private static readonly Gen<int[]> Counts = Gen.OneOf(
        Gen.Int[0, 3].Array[1, 700],
        Gen.Frequency((20, Gen.Const(0)), (1, Gen.Int[1, SegmentFormat.SuperblockSize])).Array[1, 400],
        Gen.Int[0, 60].Array[1, 300]);

    [Fact]
    public void Every_posting_of_neighbouring_superblocks_is_read_with_its_superblock() =>
        SimdLevels.ForEach(() =>
            Gen.Select(Counts, Gen.Int[1, Group], Gen.Int[0, 699]).Sample(
                (counts, group, from) => Check(counts, group, Math.Min(from, counts.Length - 1)), iter: 1500, threads: 1));

    private static void Check(int[] counts, int group, int from)
    {
        var frequency = counts.Sum();
        var words = new ulong[SegmentFormat.SparseWords(counts.Length, frequency)];
        var bit = 0;
        foreach (var count in counts)
        {
            for (var i = 0; i < count; i++, bit++)
            {
                words[bit >> 6] |= 1ul << (bit & 63);
            }

            bit++;
        }

        fixed (ulong* pointer = words)
        {
            var row = new SuperblockRow();
            var list = new SparseList(null, pointer, words.Length, null, frequency);
            var cursor = new SparseCursor(from, counts[..from].Sum());
            for (var superblock = from; superblock < counts.Length && cursor.Posting < frequency; superblock += group)
            {
                var size = Math.Min(group, counts.Length - superblock);
                var expected = counts.Skip(superblock).Take(size).SelectMany((count, s) => Enumerable.Repeat(s, count)).ToArray();
                var read = new List<int>();
                bool ended;
                do
                {
                    var first = cursor.Posting;
                    ended = row.Read(list, superblock, size, ref cursor);
                    cursor.Posting.ShouldBeLessThanOrEqualTo(first + SuperblockRow.Length);
                    read.AddRange(new ReadOnlySpan<byte>(row.Pointer, cursor.Posting - first).ToArray().Select(s => (int)s));
                }
                while (!ended);
                read.ShouldBe(expected);
                cursor.Superblock.ShouldBe(superblock + size);
            }
        }
    }

    [Fact]
    public void More_postings_than_the_list_has_are_damage()
    {
        var bits = 0xFFul;
        var list = new SparseList(null, &bits, 1, null, 7);
        var cursor = default(SparseCursor);
        new SuperblockRow().Read(list, 0, 4, ref cursor).ShouldBeTrue();
        cursor.Posting.ShouldBe(-1);
    }

    /// <summary>Each of four superblocks must end, but the bits have none after the second.</summary>
    [Theory]
    [InlineData(ulong.MaxValue << 2, 62)]
    [InlineData(ulong.MaxValue << 2, 1000)]
    public void Bits_that_end_before_the_superblocks_are_damage(ulong bits, int frequency)
    {
        var list = new SparseList(null, &bits, 1, null, frequency);
        var cursor = default(SparseCursor);
        new SuperblockRow().Read(list, 0, 4, ref cursor).ShouldBeTrue();
        cursor.Posting.ShouldBe(-1);
        cursor = new SparseCursor(60, 10);
        new SuperblockRow().Read(list, 60, 4, ref cursor).ShouldBeTrue();
        cursor.Posting.ShouldBe(-1);
    }
}
