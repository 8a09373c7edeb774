namespace Splade.Index.Segments;

/// <summary>How many documents have each scale, as the exponents that a <see cref="FieldWriter"/> takes.</summary>
internal sealed class ScaleCounts
{
    /// <summary>Powers of two from which a scale is far larger than another: bounds in 15ths and levels of a threshold in shares of its weights say nothing of the other's.</summary>
    private const int FarLarger = 4;

    private readonly int[] _counts = new int[1 << 8];

    public ScaleCounts(ReadOnlySpan<sbyte> exponents)
    {
        foreach (var exponent in exponents)
        {
            _counts[exponent - sbyte.MinValue]++;
        }

        _counts[FieldWriter.NoExponent - sbyte.MinValue] = 0;
        Commonest = Array.IndexOf(_counts, _counts.Max()) + sbyte.MinValue;
    }

    /// <summary>Different exponents.</summary>
    public int Distinct => _counts.Count(c => c > 0);

    /// <summary>The smallest exponent; one must be there.</summary>
    public int Smallest => Array.FindIndex(_counts, c => c > 0) + sbyte.MinValue;

    /// <summary>The exponent of most documents, the smallest of several.</summary>
    public int Commonest { get; }

    /// <summary>Whether an exponent is far larger than that of most documents.</summary>
    public bool IsFarLarger(int exponent) => exponent != FieldWriter.NoExponent && exponent >= Commonest + FarLarger;

    /// <summary>
    /// For each exponent, from <see cref="sbyte.MinValue"/> on, its place when the commonest come first, but those that are far larger last. 0 for documents without the field.
    /// </summary>
    public int[] Ranks()
    {
        var ranks = new int[_counts.Length];
        var byCount = Enumerable.Range(0, _counts.Length).OrderBy(e => IsFarLarger(e + sbyte.MinValue)).ThenByDescending(e => _counts[e]).ToArray();
        for (var rank = 0; rank < byCount.Length; rank++)
        {
            ranks[byCount[rank]] = rank;
        }

        ranks[FieldWriter.NoExponent - sbyte.MinValue] = 0;
        return ranks;
    }
}
