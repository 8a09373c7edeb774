namespace Splade.Evaluation.Speed;

/// <summary>Builds a <see cref="Yardstick"/> and the <see cref="ExactRanking"/> over the same postings, document by document.</summary>
/// <param name="termCount">Terms are 0 to this, exclusive.</param>
/// <param name="quantisation">How weights become impacts.</param>
public sealed unsafe class YardstickBuilder(int termCount, Quantisation quantisation)
{
    private readonly List<YardstickRange> _ranges = [];
    private readonly byte[] _largest = new byte[termCount];
    private readonly List<(int Term, ushort Document, float Weight)> _pending = [];
    private int _documents;

    /// <summary>The largest impact of each term.</summary>
    public ReadOnlySpan<byte> LargestImpacts => _largest;

    /// <param name="terms">Each once.</param>
    /// <param name="weights">As many; those that are not positive are left out.</param>
    public void Add(ReadOnlySpan<int> terms, ReadOnlySpan<float> weights)
    {
        for (var i = 0; i < terms.Length; i++)
        {
            if (weights[i] > 0)
            {
                _pending.Add((terms[i], (ushort)_documents, weights[i]));
            }
        }

        if (++_documents == Yardstick.RangeSize)
        {
            CloseRange();
        }
    }

    public (Yardstick Yardstick, ExactRanking Exact) Build()
    {
        if (_documents > 0)
        {
            CloseRange();
        }

        YardstickRange[] ranges = [.. _ranges];
        return (new Yardstick(ranges), new ExactRanking(ranges));
    }

    /// <summary>Sorts the postings of a range by term, by counting.</summary>
    private void CloseRange()
    {
        var starts = new int[termCount + 1];
        foreach (var (term, _, _) in _pending)
        {
            starts[term + 1]++;
        }

        for (var t = 0; t < termCount; t++)
        {
            starts[t + 1] += starts[t];
        }

        var range = new YardstickRange(starts, _pending.Count, withWeights: !quantisation.IsExact);
        var next = starts.AsSpan(0, termCount).ToArray();
        foreach (var (term, document, weight) in _pending)
        {
            var position = next[term]++;
            var impact = quantisation.ImpactOf(weight);
            range.Documents[position] = document;
            range.Impacts[position] = impact;
            range.Weights?[position] = weight;
            _largest[term] = Math.Max(_largest[term], impact);
        }

        _ranges.Add(range);
        _pending.Clear();
        _documents = 0;
    }
}

/// <summary>Weights as integers up to 255 of one scale.</summary>
/// <param name="Scale">Impact of a weight of 1.</param>
/// <param name="IsExact">Weights are such integers already.</param>
public readonly record struct Quantisation(float Scale, bool IsExact)
{
    public static Quantisation Of(float largestWeight, bool allIntegers) =>
        allIntegers && largestWeight <= 255 ? new Quantisation(1, true) : new Quantisation(largestWeight > 0 ? 255 / largestWeight : 1, false);

    public byte ImpactOf(float weight) => IsExact ? (byte)weight : (byte)Math.Clamp(MathF.Round(weight * Scale), 1, 255);
}
