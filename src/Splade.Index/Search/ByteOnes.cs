namespace Splade.Index.Search;

/// <summary>What the ones of a byte are, by table: how many there are is a branch that can't be predicted.</summary>
internal static class ByteOnes
{
    /// <summary>For each byte the places of its ones, the first in the lowest byte.</summary>
    public static readonly ulong[] Places = Table((bit, _) => bit);

    /// <summary>For each byte the zeros below each of its ones, the first in the lowest byte.</summary>
    public static readonly ulong[] ZerosBelow = Table((bit, one) => bit - one);

    private static ulong[] Table(Func<int, int, int> value)
    {
        var table = new ulong[256];
        for (var bits = 0; bits < table.Length; bits++)
        {
            for (int bit = 0, one = 0; bit < 8; bit++)
            {
                if ((bits >> bit & 1) != 0)
                {
                    table[bits] |= (ulong)value(bit, one) << (8 * one);
                    one++;
                }
            }
        }

        return table;
    }
}
