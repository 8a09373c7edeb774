using Splade.Index.Codecs;

namespace Splade.Index.Segments;

/// <summary>
/// The k-th largest weights of a posting list, by counting. A weight has 8 significant bits, so the upper half of its float holds it whole
/// and orders it.
/// </summary>
internal sealed class LargestWeights
{
    private readonly int[] _counts = new int[1 << 15];
    private int _smallest = int.MaxValue;
    private int _largest = -1;
    private float _least;

    public void Measure(ReadOnlySpan<int> documents, ReadOnlySpan<byte> impacts, int baseExponent, byte[]? shifts)
    {
        if (_largest >= 0)
        {
            Array.Clear(_counts, _smallest, _largest - _smallest + 1);
        }

        (_smallest, _largest) = (int.MaxValue, -1);
        _least = (float)Impact.PowerOfTwo(baseExponent);
        for (var i = 0; i < impacts.Length; i++)
        {
            var weight = Impact.Decode(impacts[i], baseExponent + (shifts is null ? 0 : shifts[documents[i]]));
            var key = BitConverter.SingleToInt32Bits(weight) >>> 16;
            _counts[key]++;
            _smallest = Math.Min(_smallest, key);
            _largest = Math.Max(_largest, key);
        }
    }

    /// <summary>The largest weight, or the smallest there can be in the field when none was measured.</summary>
    public float Largest => Math.Max(Of(1), _least);

    /// <summary>The k-th largest weight; 0 when there are fewer.</summary>
    public float Of(int k)
    {
        for (var key = _largest; key >= _smallest; key--)
        {
            k -= _counts[key];
            if (k <= 0)
            {
                return BitConverter.Int32BitsToSingle(key << 16);
            }
        }

        return 0f;
    }
}
