namespace Splade.Index.Segments;

/// <summary>What the dictionary says of a term. Weights are document weights, impact x 2^exponent.</summary>
/// <param name="Offset">Of its list.</param>
/// <param name="Kind">Kind of its list.</param>
/// <param name="Row">Number of its bounds among those of its kind; 0 for flat lists, which have none.</param>
/// <param name="Frequency">Its documents.</param>
/// <param name="Weights">Its largest weights.</param>
internal readonly record struct TermEntry(long Offset, ListKind Kind, int Row, int Frequency, WeightBounds Weights);

/// <summary>The largest weights of a term, in 31 bits.</summary>
/// <param name="Key">Upper half of the largest one's float: a weight has 8 significant bits.</param>
/// <param name="Shares">5 bits each for the 10th, 100th and 1,000th largest in 31sts of the largest, rounded down.</param>
internal readonly record struct WeightBounds(ushort Key, ushort Shares)
{
    public const int SharesBits = 3 * ShareBits;
    private const int ShareBits = 5;

    /// <summary>Largest of a share.</summary>
    private const int MaxShare = (1 << ShareBits) - 1;

    public float Largest => BitConverter.Int32BitsToSingle(Key << 16);

    public static WeightBounds Of(LargestWeights weights)
    {
        var largest = weights.Largest;
        return new WeightBounds((ushort)(BitConverter.SingleToInt32Bits(largest) >>> 16), (ushort)(Share(10) | (Share(100) << ShareBits) | (Share(1000) << (2 * ShareBits))));

        int Share(int k) => (int)Math.Floor((double)weights.Of(k) * MaxShare / largest);
    }

    /// <summary>A weight that at least k documents reach; 0 when none is known.</summary>
    public double AtLeast(long k) =>
        k <= 1 ? Largest : k <= 10 ? OfShare(0) : k <= 100 ? OfShare(1) : k <= 1000 ? OfShare(2) : 0;

    private double OfShare(int i) => (double)Largest * ((Shares >> (i * ShareBits)) & MaxShare) / MaxShare;
}
