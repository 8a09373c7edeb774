namespace Splade.Index.Segments;

/// <summary>Entry of a term in the dictionary, as it lies in the file. Weights are document weights, impact x 2^exponent.</summary>
internal readonly struct TermEntry
{
    public const int Bytes = 16;

    /// <summary>Rows that can be numbered.</summary>
    public const int MaxRows = 1 << RowBits;

    private const int OffsetBits = 40;
    private const int RowBits = 22;
    private const int ShareBits = 5;

    /// <summary>Largest of a share.</summary>
    private const int Shares = (1 << ShareBits) - 1;

    private readonly ulong _place;
    public readonly int Frequency;

    /// <summary>Upper half of a float: a weight has 8 significant bits.</summary>
    private readonly ushort _largest;

    /// <summary>The 10th, 100th and 1,000th largest weight in 31sts of the largest, rounded down.</summary>
    private readonly ushort _shares;

    /// <param name="offset">Of its list.</param>
    /// <param name="frequency">Its documents.</param>
    /// <param name="kind">Kind of its list.</param>
    /// <param name="row">See <see cref="Row"/>.</param>
    /// <param name="weights">Its weights.</param>
    public TermEntry(long offset, int frequency, ListKind kind, int row, LargestWeights weights)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, 1L << OffsetBits);
        _place = (ulong)offset | ((ulong)row << OffsetBits) | ((ulong)kind << (OffsetBits + RowBits));
        Frequency = frequency;
        var largest = weights.Largest;
        _largest = (ushort)(BitConverter.SingleToInt32Bits(largest) >>> 16);
        _shares = (ushort)(Share(10) | (Share(100) << ShareBits) | (Share(1000) << (2 * ShareBits)));

        int Share(int k) => (int)Math.Floor((double)weights.Of(k) * Shares / largest);
    }

    public long Offset => (long)(_place & ((1ul << OffsetBits) - 1));

    public ListKind Kind => (ListKind)(_place >> (OffsetBits + RowBits));

    /// <summary>Number of its bounds among those of its kind; of a flat list, how many ranges it has.</summary>
    public int Row => (int)(_place >> OffsetBits) & (MaxRows - 1);

    public float Largest => BitConverter.Int32BitsToSingle(_largest << 16);

    /// <summary>A weight that at least k documents reach; 0 when none is known.</summary>
    public double AtLeast(long k) =>
        k <= 1 ? Largest : k <= 10 ? OfShare(0) : k <= 100 ? OfShare(1) : k <= 1000 ? OfShare(2) : 0;

    private double OfShare(int i) => (double)Largest * ((_shares >> (i * ShareBits)) & Shares) / Shares;
}
