using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Splade.Evaluation.Speed;

/// <summary>
/// The measure of all speed here: exhaustive term-at-a-time search in memory. Ranges of 32,768 documents in the order of the file, a posting is a 16-bit local id and an
/// 8-bit impact, 16-bit accumulators that stay in cache, and a vectorised scan for scores above the k-th best. It skips nothing. Made by
/// <see cref="YardstickBuilder"/>; not thread-safe (<see cref="Share"/>).
/// </summary>
public sealed unsafe class Yardstick
{
    internal const int RangeSize = 1 << 15;

    private readonly YardstickRange[] _ranges;
    private readonly ushort[] _scores = GC.AllocateArray<ushort>(RangeSize, pinned: true);
    private readonly BestScores _best = new();

    internal Yardstick(YardstickRange[] ranges) => _ranges = ranges;

    /// <summary>Postings that the last search added.</summary>
    public long Postings { get; private set; }

    /// <summary>Over the same postings, for another thread.</summary>
    public Yardstick Share() => new(_ranges);

    /// <summary>The best k rows by (score descending, row ascending), without those of score 0. Valid until the next search.</summary>
    /// <param name="terms">Terms as the builder knows them.</param>
    /// <param name="weights">As many, from <see cref="ScaleToFit"/>.</param>
    /// <param name="k">How many, at least 1.</param>
    public ReadOnlySpan<(int Score, int Row)> Search(ReadOnlySpan<int> terms, ReadOnlySpan<ushort> weights, int k)
    {
        _best.Start(k);
        Postings = 0;
        var scores = (ushort*)Unsafe.AsPointer(ref _scores[0]);
        for (var r = 0; r < _ranges.Length; r++)
        {
            var range = _ranges[r];
            for (var i = 0; i < terms.Length; i++)
            {
                var (start, count) = range.Find(terms[i]);
                if (i + 1 < terms.Length)
                {
                    range.Prefetch(terms[i + 1]);
                }

                AddPostings(range.Documents + start, range.Impacts + start, count, weights[i], scores);
                Postings += count;
            }

            Collect(scores, r * RangeSize);
        }

        return _best.Finish();
    }

    /// <summary>
    /// Rounds weights to integers that keep every score within 16 bits; as they are where that is so already. This rounding is all that its ranking can
    /// lose against exact scores of integer impacts, and its recall says what it loses.
    /// </summary>
    /// <param name="weights">Positive.</param>
    /// <param name="largestImpacts">The largest impact of each term, 0 to 255.</param>
    public static ushort[] ScaleToFit(ReadOnlySpan<float> weights, ReadOnlySpan<byte> largestImpacts)
    {
        double largestScore = 0, impacts = 0;
        var integers = true;
        for (var i = 0; i < weights.Length; i++)
        {
            largestScore += (double)weights[i] * largestImpacts[i];
            impacts += largestImpacts[i];
            integers &= weights[i] == MathF.Floor(weights[i]);
        }

        // Rounding adds at most half an impact for each term.
        var room = ushort.MaxValue - (impacts / 2);
        if (room < ushort.MaxValue / 2)
        {
            return LargestThatFit(weights, largestImpacts, ushort.MaxValue / largestScore);
        }

        var scale = integers && largestScore <= ushort.MaxValue ? 1.0 : room / Math.Max(largestScore, double.Epsilon);
        var scaled = new ushort[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            scaled[i] = (ushort)Math.Min(Math.Round(weights[i] * scale), ushort.MaxValue);
        }

        return scaled;
    }

    /// <summary>For queries of hundreds of terms: rounded down, but to 1 at least, and 0 for the smallest where 16 bits have no room for all.</summary>
    private static ushort[] LargestThatFit(ReadOnlySpan<float> weights, ReadOnlySpan<byte> largestImpacts, double scale)
    {
        var order = Enumerable.Range(0, weights.Length).ToArray();
        Array.Sort(weights.ToArray().Select(w => -w).ToArray(), order);
        var scaled = new ushort[weights.Length];
        var room = (int)ushort.MaxValue;
        foreach (var i in order)
        {
            var weight = Math.Clamp((int)(weights[i] * scale), 1, ushort.MaxValue);
            if (weight * (long)largestImpacts[i] <= room)
            {
                scaled[i] = (ushort)weight;
                room -= weight * largestImpacts[i];
            }
        }

        return scaled;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPostings(ushort* documents, byte* impacts, int count, uint weight, ushort* scores)
    {
        for (; count >= 4; count -= 4, documents += 4, impacts += 4)
        {
            scores[documents[0]] += (ushort)(weight * impacts[0]);
            scores[documents[1]] += (ushort)(weight * impacts[1]);
            scores[documents[2]] += (ushort)(weight * impacts[2]);
            scores[documents[3]] += (ushort)(weight * impacts[3]);
        }

        for (; count > 0; count--, documents++, impacts++)
        {
            scores[*documents] += (ushort)(weight * *impacts);
        }
    }

    /// <summary>Takes the scores above the k-th best and clears the accumulators.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Collect(ushort* scores, int firstRow)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var threshold = Vector512.Create((ushort)_best.Threshold);
            for (nint d = 0; d < RangeSize; d += Vector512<ushort>.Count)
            {
                var above = (uint)Vector512.GreaterThan(Vector512.Load(scores + d), threshold).ExtractMostSignificantBits();
                if (above != 0)
                {
                    Take(scores + d, above, firstRow + (int)d);
                    threshold = Vector512.Create((ushort)_best.Threshold);
                }

                Vector512<ushort>.Zero.Store(scores + d);
            }

            return;
        }

        for (var d = 0; d < RangeSize; d += 2 * Vector256<ushort>.Count)
        {
            var threshold = Vector256.Create((ushort)_best.Threshold);
            var (low, high) = (Vector256.Load(scores + d), Vector256.Load(scores + d + Vector256<ushort>.Count));
            if (Vector256.Max(Vector256.Max(low, high), threshold) != threshold)
            {
                var above = Vector256.GreaterThan(low, threshold).ExtractMostSignificantBits()
                    | (Vector256.GreaterThan(high, threshold).ExtractMostSignificantBits() << Vector256<ushort>.Count);
                Take(scores + d, above, firstRow + d);
            }

            Vector256<ushort>.Zero.Store(scores + d);
            Vector256<ushort>.Zero.Store(scores + d + Vector256<ushort>.Count);
        }
    }

    private void Take(ushort* scores, uint above, int firstRow)
    {
        for (; above != 0; above &= above - 1)
        {
            var lane = BitOperations.TrailingZeroCount(above);
            _best.Add(scores[lane], firstRow + lane);
        }
    }
}
