namespace Splade.Evaluation.Speed;

/// <summary>The truth that recall is measured against: dot products of the weights as they stand in the files, in double precision. Not thread-safe.</summary>
public sealed unsafe class ExactRanking
{
    private readonly YardstickRange[] _ranges;
    private readonly double[] _scores = new double[Yardstick.RangeSize];

    internal ExactRanking(YardstickRange[] ranges) => _ranges = ranges;

    /// <summary>The best k rows by (score descending, row ascending), without those of score 0.</summary>
    public (double Score, int Row)[] Search(ReadOnlySpan<int> terms, ReadOnlySpan<float> weights, int k)
    {
        // The worst of the best is at the head: lowest score, then highest row.
        var best = new PriorityQueue<int, (double Score, int MinusRow)>(k + 1);
        for (var r = 0; r < _ranges.Length; r++)
        {
            var range = _ranges[r];
            Array.Clear(_scores);
            for (var i = 0; i < terms.Length; i++)
            {
                var (start, count) = range.Find(terms[i]);
                for (var p = start; p < start + count; p++)
                {
                    _scores[range.Documents[p]] += (double)weights[i] * (range.Weights is null ? range.Impacts[p] : range.Weights[p]);
                }
            }

            for (var d = 0; d < _scores.Length; d++)
            {
                if (_scores[d] > 0 && (best.Count < k || (best.TryPeek(out _, out var worst) && _scores[d] > worst.Score)))
                {
                    var row = (r * Yardstick.RangeSize) + d;
                    best.Enqueue(row, (_scores[d], -row));
                    if (best.Count > k)
                    {
                        best.Dequeue();
                    }
                }
            }
        }

        var ranking = new (double, int)[best.Count];
        for (var i = ranking.Length - 1; i >= 0; i--)
        {
            best.TryDequeue(out var row, out var priority);
            ranking[i] = (priority.Score, row);
        }

        return ranking;
    }
}
