namespace Splade.Evaluation.Speed;

/// <summary>
/// The k best of scores that come by ascending row. They gather in a buffer that is cut to the k best when it is full, which is cheaper than a heap
/// when many come.
/// </summary>
internal sealed class BestScores
{
    private const int MinRoom = 256;

    // Score in the high half; a smaller row makes a larger key.
    private ulong[] _keys = [];
    private (int Score, int Row)[] _sorted = [];
    private int _k;
    private int _count;
    private int _room;

    /// <summary>Only scores above this need to be added.</summary>
    public int Threshold { get; private set; }

    public void Start(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        _k = k;
        _count = 0;
        _room = (2 * k) + MinRoom;
        Threshold = 0;
        if (_keys.Length < _room)
        {
            _keys = new ulong[_room];
        }
    }

    public void Add(int score, int row)
    {
        if (score > Threshold)
        {
            _keys[_count++] = ((ulong)(uint)score << 32) | (uint)~row;
            if (_count == _room)
            {
                Cut();
            }
        }
    }

    /// <returns>By (score descending, row ascending).</returns>
    public ReadOnlySpan<(int Score, int Row)> Finish()
    {
        if (_count > _k)
        {
            Cut();
        }

        var keys = _keys.AsSpan(0, _count);
        keys.Sort();
        if (_sorted.Length < _count)
        {
            _sorted = new (int, int)[_k];
        }

        for (var i = 0; i < keys.Length; i++)
        {
            var key = keys[keys.Length - 1 - i];
            _sorted[i] = ((int)(key >> 32), ~(int)(uint)key);
        }

        return _sorted.AsSpan(0, _count);
    }

    private void Cut()
    {
        var keys = _keys.AsSpan(0, _count);
        Select(keys, _k);
        _count = _k;
        var smallest = ulong.MaxValue;
        foreach (var key in keys[.._k])
        {
            smallest = Math.Min(smallest, key);
        }

        Threshold = (int)(smallest >> 32);
    }

    /// <summary>Moves the k largest to the front (Hoare's quickselect, median of three).</summary>
    private static void Select(Span<ulong> keys, int k)
    {
        int low = 0, high = keys.Length - 1;
        while (low < high)
        {
            var (a, b, c) = (keys[low], keys[(low + high) >>> 1], keys[high]);
            var pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int i = low, j = high;
            while (i <= j)
            {
                while (keys[i] > pivot)
                {
                    i++;
                }

                while (keys[j] < pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }

            if (k - 1 <= j)
            {
                high = j;
            }
            else if (k - 1 >= i)
            {
                low = i;
            }
            else
            {
                return;
            }
        }
    }
}
