using Splade.Index.Codecs;

namespace Splade.Index.Segments;

/// <summary>
/// Bounds of a sparser term: 2 bits a superblock. Most superblocks have no posting of it, and few its largest weight, so two levels between are chosen for
/// each term, such that bounds exceed what they bound by the least in sum.
/// </summary>
internal static class LevelsRow
{
    /// <summary>Levels are tried in steps of this many 255ths of the largest weight.</summary>
    private const int Step = 8;
    private const int Candidates = (SegmentFormat.LevelsScale + 1) / Step;

    /// <param name="documents">Ascending.</param>
    /// <param name="impacts">As many.</param>
    /// <param name="bounded">Postings that have bounds; superblocks of the others count as if they had the largest weight.</param>
    /// <param name="baseExponent">Exponent of the impacts.</param>
    /// <param name="shifts">What each document adds to it; null for nothing.</param>
    /// <param name="superblocks">All of the segment.</param>
    /// <param name="largest">The largest weight of the postings that have bounds.</param>
    public static byte[] Of(
        ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts, int bounded, int baseExponent, byte[]? shifts, int superblocks, float largest)
    {
        var scaled = new byte[superblocks];
        Span<int> counts = stackalloc int[Candidates];
        counts.Clear();
        for (var start = 0; start < documents.Length;)
        {
            var superblock = documents[start] >> SegmentFormat.SuperblockBits;
            var weight = start < bounded ? 0f : largest;
            for (; start < documents.Length && documents[start] >> SegmentFormat.SuperblockBits == superblock; start++)
            {
                weight = Math.Max(weight, Impact.Decode(impacts[start], baseExponent + (shifts is null ? 0 : shifts[documents[start]])));
            }

            scaled[superblock] = (byte)Math.Min(SegmentFormat.LevelsScale, Math.Ceiling((double)weight * SegmentFormat.LevelsScale / largest));
            counts[scaled[superblock] / Step]++;
        }

        var (first, second) = Levels(counts);
        var row = new byte[SegmentFormat.LevelsRowBytes(superblocks)];
        (row[0], row[1]) = (first, second);
        for (var s = 0; s < superblocks; s++)
        {
            var level = scaled[s] == 0 ? 0 : scaled[s] <= first ? 1 : scaled[s] <= second ? 2 : 3;
            row[SegmentFormat.LevelsHeader + (s >> 2)] |= (byte)(level << ((s & 3) * 2));
        }

        return row;
    }

    /// <summary>The two levels with the smallest sum of bounds, for counts of what is to be bounded by steps.</summary>
    private static (byte First, byte Second) Levels(ReadOnlySpan<int> counts)
    {
        Span<int> upTo = stackalloc int[Candidates];
        for (int i = 0, sum = 0; i < Candidates; i++)
        {
            upTo[i] = sum += counts[i];
        }

        var best = (First: 0, Second: 1);
        var least = long.MaxValue;
        for (var second = 1; second < Candidates - 1; second++)
        {
            for (var first = 0; first < second; first++)
            {
                var sum = (Level(first) * (long)upTo[first]) + (Level(second) * (long)(upTo[second] - upTo[first]))
                    + (SegmentFormat.LevelsScale * (long)(upTo[^1] - upTo[second]));
                (least, best) = sum < least ? (sum, (first, second)) : (least, best);
            }
        }

        return (Level(best.First), Level(best.Second));
    }

    /// <summary>The largest value of a step.</summary>
    private static byte Level(int step) => (byte)((step * Step) + Step - 1);
}
